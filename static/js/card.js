// The card works without this; with it a phone or an e-mail is copied by one press.
//   data-copy="text"  beside what is copied; the words stand in data-copy-say and data-copied-say of #about
const about = document.getElementById("about");
const SHOWN_FOR = 2000;

function offer(place) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = about.dataset.copySay;
  button.setAttribute("aria-label", `${about.dataset.copySay}: ${place.dataset.copy}`);
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(place.dataset.copy);
    button.textContent = about.dataset.copiedSay;
    setTimeout(() => { button.textContent = about.dataset.copySay; }, SHOWN_FOR);
  });
  place.append(button);
}

// Browsers give the clipboard to pages they trust; elsewhere there is nothing to press.
if (about && navigator.clipboard) document.querySelectorAll("[data-copy]").forEach(offer);

// A page kept as it was holds forms already sent, and sent once more they would be taken for the same act.
let wasSent = false;
document.addEventListener("submit", (event) => { wasSent ||= event.target.method === "post"; });
window.addEventListener("pageshow", (event) => { if (event.persisted && wasSent) location.reload(); });
