// The tagging queue: keys, the next lead at once while the last one is being saved, undo. Without this file the same
// forms work one page at a time. Beside it: queue_outbox.js sends and keeps, queue_criteria.js draws the verdict,
// queue_keys.js listens to the keyboard, queue_forms.js knows what was typed.
import { complain, count, say, secondsSpent, startClock } from "./queue_beside.js";
import { answer, choose, draw, follow, mark, rows } from "./queue_criteria.js";
import { fieldsOf, fill, isChanged, newId, tick } from "./queue_forms.js";
import { listen } from "./queue_keys.js";
import { signInAgain } from "./queue_login.js";
import { Outbox, cookie, send } from "./queue_outbox.js";

const FRESH_FOR = 4 * 60 * 1000; // what was fetched ahead is ours for five minutes
const HELD_EVERY = 2 * 60 * 1000;

let page = document.getElementById("queue");
const texts = page.dataset;
const unsent = document.getElementById("unsent");
const typed = new Map(); // lead → what was typed there and left
const saved = new Map(); // lead → what was saved of it: typed again when it is undone
const drafts = `razbor-queue-typed-${page.dataset.person}`; // outlives loading the page anew, not the tab
let isLeaving = false;
let ahead = null; // the next lead, being fetched

const outbox = new Outbox(texts.person, {
  change() {
    unsent.hidden = !outbox?.size || !(outbox.failures || outbox.isStopped);
    unsent.textContent = outbox ? texts.unsent.replace("{n}", outbox.size) : "";
  },
  done(entry, answered) {
    page.dataset.undoable = answered.undoable;
    if (entry.act === "judge") saved.set(entry.code, entry.fields);
    count(answered);
    say(answered.said);
    if (entry.act === "call" && entry.code === page.dataset.code) refreshAbout();
    // That nothing is left was said before this was saved, so it is asked anew.
    if (!page.dataset.code) show(texts.next, { isBack: true });
  },
  refused: giveBack,
  stranger: () => signInAgain(() => outbox.resume()),
  another() {
    say(texts.another, "error");
    isLeaving = true;
    setTimeout(() => location.assign(texts.next), 5000);
  },
});

// --- Pages ----------------------------------------------------------------------------------------------------------

async function read(url) {
  const response = await fetch(url, { headers: { "Accept": "text/html" } });
  const text = await response.text();
  const found = new DOMParser().parseFromString(text, "text/html");
  const fresh = found.getElementById("queue");
  if (response.url.includes(texts.login)) {
    signInAgain(() => outbox.resume());
    throw new Error("signed out");
  }
  if (!fresh) throw new Error(`no lead at ${url}`);
  return { node: document.adoptNode(fresh), url: response.url, title: found.title, at: Date.now() };
}

function fetchAhead() {
  const besides = new Set([...done.slice(-20), ...outbox.codes.slice(-40), page.dataset.code]);
  ahead = read(`${texts.next}?besides=${[...besides].filter(Boolean).join("+")}`);
  ahead.catch(() => {}); // told when it is wanted
}

const done = []; // leads just left, which the server may not know yet

function put({ node, url, title }, { isBack = false } = {}) {
  node.dataset.undoable ||= page.dataset.undoable;
  page.replaceWith(node);
  page = node;
  document.title = title;
  if (!isBack) history.pushState({}, "", new URL(url).pathname);
  begin();
  scrollTo({ top: 0 });
}

function begin() {
  startClock();
  for (const hidden of page.querySelectorAll(".scripted")) hidden.hidden = false;
  page.querySelectorAll("dialog[open]").forEach(openDialog); // opened by the address
  const form = page.querySelector("#judge");
  if (form && typed.has(page.dataset.code)) fill(form, typed.get(page.dataset.code));
  draw(page);
  const first = rows(page)[0];
  if (first) mark(rows(page).find((row) => answer(row) === "not_asked") ?? first);
  if (page.dataset.code) fetchAhead();
}

async function next() {
  done.push(page.dataset.code);
  const left = page;
  page.setAttribute("aria-busy", "true");
  try {
    let found = await ahead;
    if (Date.now() - found.at > FRESH_FOR) {
      fetchAhead();
      found = await ahead;
    }
    if (page === left) put(found);
    hold();
  } catch {
    if (page !== left) return;
    say(texts.offline, "error");
    setTimeout(() => { if (page === left) { done.pop(); fetchAhead(); next(); } }, 3000);
  }
}

async function show(url, options) {
  try {
    put(await read(url), options);
  } catch {
    say(texts.offline, "error");
  }
}

async function refreshAbout() {
  const fresh = await read(location.href).catch(() => null);
  if (fresh && fresh.node.dataset.code === page.dataset.code) {
    page.querySelector("#about").replaceWith(fresh.node.querySelector("#about"));
  }
}

// --- What was typed -------------------------------------------------------------------------------------------------

// The server has said no: go back to that lead with what was typed, and say what is wrong with it.
async function giveBack(entry, refusals, status) {
  if (status === 404) return say(texts.gone, "error");
  if (page.dataset.code !== entry.code) keep();
  if (entry.act === "judge") typed.set(entry.code, entry.fields);
  await show(entry.url.replace(/[^/]+\/$/, ""));
  complain(page, refusals.length ? refusals.map((refusal) => refusal.text) : [texts.failed]);
  const losing = entry.act === "lose" && page.querySelector("#do-lose form");
  if (!losing) return;
  tick(losing, entry.fields);
  dialogOf("lose");
}

function keep() {
  const form = page.querySelector("#judge");
  if (form && isChanged(form)) typed.set(page.dataset.code, fieldsOf(form));
}

// --- Acts -----------------------------------------------------------------------------------------------------------

function entry(act, form, fields) {
  return { act, code: page.dataset.code, url: new URL(form.action).pathname, fields, at: Date.now() };
}

function save() {
  const form = page.querySelector("#judge");
  if (!form || page.hasAttribute("aria-busy")) return;
  if (!isChanged(form)) return say(texts.nothing, "error");
  if (!form.reportValidity()) return;
  form.elements.seconds_spent.value = secondsSpent();
  leave(entry("judge", form, fieldsOf(form)));
}

function leave(made) {
  if (made.act === "judge") typed.delete(made.code);
  else keep();
  say("");
  outbox.add(made);
  next();
}

function lose(form) {
  const ticked = [...form.querySelectorAll("[name=reasons]:checked")];
  const problem = form.querySelector("[data-refusal]");
  problem.hidden = ticked.length > 0;
  if (!ticked.length) {
    problem.textContent = texts.noReason;
    return;
  }
  const note = form.elements.note;
  note.required = ticked.some((box) => "needsNote" in box.dataset);
  if (!form.reportValidity()) return;
  form.closest("dialog").close();
  leave(entry("lose", form, fieldsOf(form)));
}

function logCall(form, submitter) {
  if (!submitter?.value) return;
  const fields = fieldsOf(form, submitter);
  form.closest("dialog").close();
  say(submitter.lastChild.textContent.trim());
  outbox.add(entry("call", form, fields));
  form.elements.request_id.value = newId();
  form.elements.note.value = "";
}

function skip() {
  if (!page.dataset.code || page.hasAttribute("aria-busy")) return;
  keep();
  send(page.querySelector("#skipping").action, []).catch(() => {});
  next();
}

async function undo() {
  const waiting = outbox.takeBack();
  if (waiting) {
    if (waiting.act === "judge") typed.set(waiting.code, waiting.fields);
    return show(waiting.url.replace(/[^/]+\/$/, ""));
  }
  await outbox.drain();
  if (outbox.size) return say(texts.offline, "error");
  if (!page.dataset.undoable) return say(texts.noUndo, "error");
  keep();
  const response = await send(texts.undo, [["act", page.dataset.undoable]]).catch(() => null);
  if (!response) return say(texts.offline, "error");
  if (response.status === 401) return signInAgain(undo);
  const answered = await response.json();
  if (!response.ok) return say(answered.refusals.map((refusal) => refusal.text).join(" "), "error");
  page.dataset.undoable = answered.undoable;
  const code = answered.to.split("/").at(-2);
  if (saved.has(code)) typed.set(code, saved.get(code));
  done.splice(0, done.length, ...done.filter((other) => other !== code));
  await show(answered.to);
  page.dataset.undoable = answered.undoable;
  count(answered);
  say(answered.said);
}

function hold() {
  if (page.dataset.code && !document.hidden && cookie("csrftoken")) {
    send(`${texts.next}${page.dataset.code}/hold/`, [], { "X-Unattended": "1" }).catch(() => {});
  }
}

function openDialog(dialog) {
  if (dialog.open) dialog.close();
  dialog.showModal();
}

const ACTS = {
  all() { rows(page).forEach((row) => choose(row, "met")); draw(page); },
  call: () => dialogOf("call"),
  lose: () => dialogOf("lose"),
  help: () => dialogOf("help"),
  skip,
  undo,
  onwards: next,
  close: () => page.querySelector("dialog[open]")?.close(),
};

function dialogOf(name) {
  const dialog = page.querySelector(`#do-${name}`);
  if (dialog) openDialog(dialog);
}

// --- Hands ----------------------------------------------------------------------------------------------------------

listen({ page: () => page, acts: ACTS, save, lose });

document.addEventListener("click", (event) => {
  const other = event.target.closest(".next a");
  if (other && page.contains(other) && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    keep();
    show(other.href);
    return;
  }
  const pressed = event.target.closest("[data-act]");
  if (!pressed || !page.contains(pressed) || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  ACTS[pressed.dataset.act]();
});

document.addEventListener("input", (event) => {
  const row = event.target.closest("#judge .crit");
  if (!row) return;
  if (event.target.name.startsWith("observed-")) follow(row);
  mark(row);
  draw(page);
});

// On the window, so that it comes before the guard against double sending: nothing of this is sent as a page.
window.addEventListener("submit", (event) => {
  const form = event.target;
  const takes = { judge: save, skipping: skip, undoing: undo }[form.id];
  const inDialog = { "do-call": logCall, "do-lose": lose }[form.closest("dialog")?.id];
  if (!page.contains(form) || !(takes || inDialog)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (takes) takes();
  else inDialog(form, event.submitter);
}, { capture: true });

window.addEventListener("popstate", () => { keep(); show(location.href, { isBack: true }); });
window.addEventListener("beforeunload", (event) => { if (outbox.size && !isLeaving) event.preventDefault(); });
window.addEventListener("pagehide", () => {
  keep();
  const left = typed.get(page.dataset.code);
  if (left && !isLeaving) sessionStorage.setItem(drafts, JSON.stringify([page.dataset.code, left]));
});
setInterval(hold, HELD_EVERY);

const draft = JSON.parse(sessionStorage.getItem(drafts) ?? "null");
sessionStorage.removeItem(drafts);
if (draft) typed.set(...draft);
begin();
outbox.drain();
