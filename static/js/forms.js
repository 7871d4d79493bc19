// Forms work without this; with it they ask once, send once, and filters apply by themselves.
//   data-confirm="Question?"  on a form or its button: asked before sending
//   data-autosubmit           on a form: any change sends it
const sent = new WeakSet();

function release(form) {
  sent.delete(form);
  for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (sent.has(form) || (question && !window.confirm(question))) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  if (form.getAttribute("method") !== "post") return;  // `form.method` is the field of that name where there is one
  // Marked, not disabled: a disabled button would not send its own name and value.
  sent.add(form);
  event.submitter?.setAttribute("aria-busy", "true");
}, { capture: true });

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form");
  if (form) release(form);
});

// Coming back by the browser's button finds the page as it was left, so let it be sent again.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form").forEach(release);
});

// The page that answers is another one; there the reader goes on from the field that asked.
const ASKED_BY = "asked-by";
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (!form?.matches("[data-autosubmit]")) return;
  sessionStorage.setItem(ASKED_BY, `${location.pathname}#${event.target.id}`);
  form.requestSubmit();
});

const [path, asked] = (sessionStorage.getItem(ASKED_BY) ?? "").split("#");
sessionStorage.removeItem(ASKED_BY);
if (asked && path === location.pathname) {
  const field = document.getElementById(asked);
  const folded = field?.closest("details:not([open])");
  (folded?.querySelector("summary") ?? field)?.focus({ preventScroll: true });
}
