// What stands beside the lead and stays when it goes: the last word said, the count of the day, the clock.
const said = document.getElementById("said");

export function say(text, kind = "") {
  said.className = `said ${kind}`;
  said.textContent = text;
}

export function unsay(words) {
  if (said.textContent === words) say("");
}

export function tellUnsent(outbox, texts) {
  const unsent = document.getElementById("unsent");
  unsent.hidden = !outbox.size || !(outbox.failures || outbox.stopped);
  unsent.textContent = (outbox.stopped ? texts.unsentSignedOut : texts.unsent).replace("{n}", outbox.size);
}

const names = new Map(); // lead → what it is called

export function remember(page) {
  names.set(page.dataset.code, page.querySelector("h1").textContent.trim());
}

// A word about a lead; of one that is not in front of the person any more it says which.
export function sayOf(code, page, words, kind) {
  say(code !== page.dataset.code && names.has(code) ? `${names.get(code)}: ${words}` : words, kind);
}

let last = null;

// The newest count there is: a page fetched ahead was drawn before the last save.
export function count(answered = last) {
  last = answered;
  if (!answered) return;
  const judged = document.getElementById("judged");
  if (judged) judged.textContent = answered.judged.toLocaleString(document.documentElement.lang);
  const seconds = document.getElementById("seconds");
  if (!seconds || answered.seconds === null) return;
  seconds.textContent = answered.seconds;
  document.getElementById("unit").hidden = false;
}

// Of what comes next, leave out what has been done since the list was drawn.
export function leaveOut(page, codes) {
  const links = [...page.querySelectorAll(".next a")];
  const gone = links.filter((link) => codes.has(link.pathname.split("/").at(-2)));
  gone.forEach((link) => link.remove());
  const nothing = page.querySelector(".next .nothing");
  if (nothing) nothing.hidden = gone.length < links.length;
}

// How many wait, in the menu, once what was said is saved.
const PAUSE = 1000;
let timer = null;

export function countInMenu({ next, count: url }) {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    const response = await fetch(url).catch(() => null);
    const text = response?.ok && !response.redirected ? await response.text() : "";
    const fresh = new DOMParser().parseFromString(text, "text/html").querySelector(".badge");
    if (fresh) document.querySelector(`a[href="${next}"] .badge`)?.replaceWith(document.adoptNode(fresh));
  }, PAUSE);
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
