// A chart has dozens of links. Tab enters it once; arrows, Home and End walk its marks.
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

function goal(key, current, count) {
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return key in STEPS ? Math.min(Math.max(current + STEPS[key], 0), count - 1) : -1;
}

function stopAt(chosen, links) {
  for (const link of links) link.setAttribute("tabindex", link === chosen ? "0" : "-1");
}

function rove(chart) {
  const links = [...chart.querySelectorAll("a")];
  stopAt(links[0], links);
  chart.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const next = goal(event.key, links.indexOf(event.target.closest("a")), links.length);
    if (next < 0) return;
    event.preventDefault();
    links[next].focus();
  });
}

// Not asked of the chart itself: Chromium lets Tab stop at a drawing that listens for the focus, and nothing marks it there.
document.addEventListener("focusin", (event) => {
  const link = event.target.closest("svg.chart a");
  if (link) stopAt(link, link.closest("svg").querySelectorAll("a"));
});

function start(root) {
  for (const chart of root.querySelectorAll("svg.chart:not([data-roving])")) {
    chart.dataset.roving = "";
    if (chart.querySelector("a")) rove(chart);
  }
}

start(document);
document.addEventListener("htmx:load", (event) => start(event.target));
