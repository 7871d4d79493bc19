// A public form works without this; with it the page before it is told, and the page around it learns its height.
const form = document.querySelector("form[data-form]");
const key = document.body.dataset.formKey;
const isFramed = window.parent !== window;

if (form && !isFramed) {
  const referrer = form.querySelector('[name="rz_referrer"]');
  const page = form.querySelector('[name="rz_page"]');
  const here = window.location.origin + window.location.pathname;
  // A form handed back comes after itself; what was before it is not known any more.
  if (referrer && !referrer.value && !document.referrer.startsWith(here)) referrer.value = document.referrer;
  if (page && !page.value) page.value = here;
}

form?.addEventListener("submit", (event) => {
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
window.addEventListener("pageshow", () => {
  if (form) delete form.dataset.sent;
});

if (isFramed) {
  // Height and the fact of sending are nobody's secret, so whatever page is around may hear them.
  const tell = (said) => window.parent.postMessage({ razborForm: key, ...said }, "*");
  new ResizeObserver(() => tell({ height: document.documentElement.offsetHeight })).observe(document.documentElement);
  if (document.body.dataset.sent) tell({ sent: true });
}
