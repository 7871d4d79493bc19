// Signing in again without leaving the page, so that nothing in front of one's eyes is lost.
const dialog = document.getElementById("do-login");
const form = dialog.querySelector("form");
const refusal = form.querySelector("[data-refusal]");
const step = form.querySelector("[data-second]");  // the second one, for those who sign in in two
const then = new Set();
let isSending = false;

export function isSignedOut() {
  return then.size > 0;
}

// Ask for the password, once however many have noticed; `goOn` is done as soon as somebody is signed in.
export function signInAgain(goOn) {
  if (goOn) then.add(goOn);
  if (dialog.open) return;
  dialog.showModal();
  (step.hidden ? form.elements.password : form.elements.code).focus();
}

async function page(url, options) {
  const response = await fetch(url, options);
  return { response, found: new DOMParser().parseFromString(await response.text(), "text/html") };
}

async function asksForCode() {
  const { found } = await page(form.dataset.step);
  return found.querySelector("[name=code]") !== null;
}

function askForCode() {
  step.hidden = false;
  form.elements.code.required = true;
  form.elements.code.focus();
}

function close() {
  step.hidden = true;
  form.elements.code.required = false;
  form.elements.code.value = "";
  form.elements.password.value = "";
  dialog.close();
  const waiting = [...then];
  then.clear();
  waiting.forEach((goOn) => goOn());
}

async function signIn() {
  refusal.hidden = true;
  const address = step.hidden ? form.action : form.dataset.step;
  const { found } = await page(address);
  const token = found.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  const fields = new FormData(form);
  fields.set("csrfmiddlewaretoken", token);
  const response = await fetch(address, { method: "POST", redirect: "manual", body: new URLSearchParams(fields) });
  if (response.type === "opaqueredirect") {
    if (step.hidden && await asksForCode()) askForCode();
    else close();
    return;
  }
  const answered = new DOMParser().parseFromString(await response.text(), "text/html");
  const said = [...answered.querySelectorAll("main [role=alert], main .card p")].map((part) => part.textContent.trim());
  refusal.textContent = said[0] ?? form.dataset.later;
  refusal.hidden = false;
  (step.hidden ? form.elements.password : form.elements.code).select();
}

window.addEventListener("submit", (event) => {
  if (event.target !== form) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (isSending) return;
  isSending = true;
  signIn().catch(() => {
    refusal.textContent = form.dataset.later;
    refusal.hidden = false;
  }).finally(() => { isSending = false; });
}, { capture: true });
