// What stands beside the lead and stays when it goes: the last word said, the count of the day, the clock.
const said = document.getElementById("said");

export function say(text, kind = "") {
  said.className = `said ${kind}`;
  said.textContent = text;
}

export function count(answered) {
  const judged = document.getElementById("judged");
  if (judged) judged.textContent = answered.judged.toLocaleString(document.documentElement.lang);
  const seconds = document.getElementById("seconds");
  if (!seconds || answered.seconds === null) return;
  seconds.textContent = answered.seconds;
  document.getElementById("unit").hidden = false;
}

// How long the lead was in front of somebody's eyes; another tab in between does not count.
let spent = 0;
let since = 0;

export function startClock() {
  spent = 0;
  since = performance.now();
}

export function secondsSpent() {
  return Math.round((spent + (document.hidden ? 0 : performance.now() - since)) / 1000);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) spent += performance.now() - since;
  else since = performance.now();
});

// Above the lead, what is wrong with what was said of it.
export function complain(page, lines) {
  const box = Object.assign(document.createElement("div"), { className: "msg error" });
  box.setAttribute("role", "alert");
  box.append(...lines.map((text) => Object.assign(document.createElement("p"), { textContent: text })));
  page.prepend(box);
}
