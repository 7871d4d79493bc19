// The keyboard: digits for criteria, letters for acts, Enter to save; in a dialog digits for what it offers.
import { cycle, draw, rows } from "./queue_criteria.js";

const LETTERS = { t: "all", c: "call", l: "lose", s: "skip", u: "undo" };

// The letter on the key in a Latin layout; in a Russian one, the letter that key would have.
function letter(event) {
  return /^[a-z]$/i.test(event.key) ? event.key.toLowerCase() : event.code.replace(/^Key/, "").toLowerCase();
}

function digit(event) {
  return /^(Digit|Numpad)\d$/.test(event.code) && !event.shiftKey ? event.code.at(-1) : "";
}

// The key of the question mark, also where a Russian layout has a comma on it.
function asksForHelp(event) {
  return event.key === "?" || (event.code === "Slash" && event.shiftKey);
}

function isTyping(target) {
  return target.matches("textarea, select, input:not([type=radio], [type=checkbox])");
}

function keyInDialog(event, dialog, hands) {
  const isLoss = dialog.id === "do-lose";
  const chosen = !isTyping(event.target) && digit(event) && dialog.querySelector(`[data-key="${digit(event)}"]`);
  if (chosen) {
    event.preventDefault();
    if (event.repeat) return;
    chosen.click();
    if (chosen.matches("[data-needs-note]:checked")) chosen.form.elements.note.focus();
  } else if (isLoss && event.key === "Enter" && !event.shiftKey && !event.target.matches("a, button")) {
    event.preventDefault();
    hands.lose(dialog.querySelector("form"));
  }
}

function enter(event, hands) {
  const isForTarget = event.target.matches("a, button, summary, select");
  const isNewLine = event.target.matches("textarea") && !event.ctrlKey;
  const isLeft = event.target.closest("dialog:not([open])"); // where the focus still is, a moment after it was closed
  const isElsewhere = event.target !== document.body && !hands.page().contains(event.target) && !isLeft;
  if (isForTarget || isNewLine || isElsewhere) return;
  event.preventDefault();
  if (!event.repeat) hands.save();
}

function keyOnPage(event, hands) {
  const page = hands.page();
  if (event.key === "Enter") return enter(event, hands);
  if (event.key === "Escape" && page.contains(event.target)) return event.target.blur();
  if (isTyping(event.target) || event.repeat) return;
  const row = rows(page)[digit(event) - 1];
  const act = asksForHelp(event) ? "help" : LETTERS[letter(event)];
  if (!row && !act) return;
  event.preventDefault();
  if (!row) return hands.acts[act]();
  if (page.hasAttribute("aria-busy")) return;
  cycle(row);
  draw(hands.page());
}

// `hands` gives the page as it is now, and what keys set going: acts by name, save, lose.
export function listen(hands) {
  document.addEventListener("keydown", (event) => {
    const isChord = event.altKey || event.metaKey || (event.ctrlKey && event.key !== "Enter");
    if (isChord || event.defaultPrevented || event.isComposing) return;
    const dialog = [...document.querySelectorAll("dialog[open]")].at(-1); // signing in comes last and lies over all
    if (dialog) keyInDialog(event, dialog, hands);
    else keyOnPage(event, hands);
  });
}
