// Pickers and menus are <details>; with this they close on Escape and on a click elsewhere, one open at a time.
const POPOVERS = "details.pick[open], details.menu[open]";

function closeAllBut(kept) {
  for (const open of document.querySelectorAll(POPOVERS)) {
    if (open !== kept && !open.contains(kept)) open.open = false;
  }
}

document.addEventListener("click", (event) => closeAllBut(event.target.closest("details.pick, details.menu")));

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = event.target.closest(POPOVERS) ?? document.querySelector(POPOVERS);
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
