// The list works without this; with it all rows are ticked by one box, and the bar says how many are.
const all = document.querySelector("[data-tick-all]");
const bar = document.getElementById("bulk");
const boxes = () => [...document.querySelectorAll('input[name="lead"][form="bulk"]')];

function tell() {
  if (!bar) return;
  const ticked = boxes().filter((box) => box.checked).length;
  const text = bar.querySelector("[data-ticked-text]");
  text.dataset.usual ??= text.textContent;
  text.textContent = ticked ? `${text.dataset.tickedText} ${ticked}` : text.dataset.usual;
  bar.classList.toggle("active", ticked > 0 || bar.elements.everything.checked);
  if (!all) return;
  all.checked = ticked > 0 && ticked === boxes().length;
  all.indeterminate = ticked > 0 && !all.checked;
}

document.addEventListener("change", (event) => {
  if (event.target === all) for (const box of boxes()) box.checked = all.checked;
  tell();
});

// Coming back by the browser's button finds the ticks where they were.
window.addEventListener("pageshow", tell);
tell();
