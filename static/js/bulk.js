// What was looked at is what is done: once something is changed, the button that does it goes until it is looked at again.
const form = document.querySelector(".bulkform");
const preview = document.getElementById("preview");
const look = form.querySelector("button[value=preview]");

form.addEventListener("input", () => {
  if (!preview) return;
  preview.querySelector("[data-changed]").hidden = false;
  preview.querySelector("[data-do]")?.setAttribute("hidden", "");
  look.classList.add("primary");
});
