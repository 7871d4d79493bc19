// The mouse and the thumb: what is pressed, chosen and sent on the page of a lead. `hands` gives the page as it is now
// and what is set going: acts by name, save, lose, logCall, open.
import { draw, follow, mark } from "./queue_criteria.js";

export function layOver(dialog) {
  if (dialog?.open) dialog.close();
  dialog?.showModal();
}

export function listenToHands(hands) {
  document.addEventListener("click", (event) => {
    const pressed = event.target.closest(".next a, [data-act]");
    if (!pressed || !hands.page().contains(pressed) || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (pressed.dataset.act) hands.acts[pressed.dataset.act]();
    else hands.open(pressed.href);
  });

  document.addEventListener("input", (event) => {
    const row = event.target.closest("#judge .crit");
    if (!row) return;
    if (event.target.name.startsWith("observed-")) follow(row);
    mark(row);
    draw(hands.page());
  });

  // On the window, so that it comes before the guard against double sending: nothing of this is sent as a page.
  window.addEventListener("submit", (event) => {
    const form = event.target;
    const takes = { judge: hands.save, skipping: hands.acts.skip, undoing: hands.acts.undo }[form.id];
    const inDialog = { "do-call": hands.logCall, "do-lose": hands.lose }[form.closest("dialog")?.id];
    if (!hands.page().contains(form) || !(takes || inDialog)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (takes) takes();
    else inDialog(form, event.submitter);
  }, { capture: true });
}
