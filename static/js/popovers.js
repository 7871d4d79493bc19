// Pickers and menus are <details>; with this they close on Escape and on a click elsewhere, one open at a time. And of links
// that do not fit in their row, the current one is in sight.
const POPOVERS = "details.pick[open], details.menu[open]";

function closeAllBut(kept) {
  for (const open of document.querySelectorAll(POPOVERS)) {
    if (open !== kept && !open.contains(kept)) open.open = false;
  }
}

// A row of links that scrolls shows the one the reader is at.
for (const current of document.querySelectorAll("nav [aria-current='page']")) {
  const row = current.closest("nav");
  const [place, room] = [current.getBoundingClientRect(), row.getBoundingClientRect()];
  row.scrollLeft += place.left + place.width / 2 - room.left - room.width / 2;
}

document.addEventListener("click", (event) => closeAllBut(event.target.closest("details.pick, details.menu")));

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = event.target.closest(POPOVERS) ?? document.querySelector(POPOVERS);
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
