// Signing in again without leaving the page, so that nothing in front of one's eyes is lost.
const dialog = document.getElementById("do-login");
const form = dialog.querySelector("form");
const refusal = form.querySelector("[data-refusal]");
let then = null;

export function signInAgain(goOn) {
  then = goOn;
  if (!dialog.open) dialog.showModal();
  form.elements.password.focus();
}

async function page(url, options) {
  const response = await fetch(url, options);
  return { response, found: new DOMParser().parseFromString(await response.text(), "text/html") };
}

async function signIn() {
  refusal.hidden = true;
  const { found } = await page(form.action);
  const token = found.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  const fields = new FormData(form);
  fields.set("csrfmiddlewaretoken", token);
  const response = await fetch(form.action, { method: "POST", redirect: "manual", body: new URLSearchParams(fields) });
  if (response.type === "opaqueredirect") {
    form.elements.password.value = "";
    dialog.close();
    then?.();
    return;
  }
  const answered = new DOMParser().parseFromString(await response.text(), "text/html");
  refusal.textContent = [...answered.querySelectorAll("main [role=alert], main .card p")].map((part) => part.textContent.trim())[0];
  refusal.hidden = false;
  form.elements.password.select();
}

window.addEventListener("submit", (event) => {
  if (event.target !== form) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  signIn().catch(() => {
    refusal.textContent = navigator.onLine ? "" : document.getElementById("queue").dataset.offline;
    refusal.hidden = !refusal.textContent;
  });
}, { capture: true });
