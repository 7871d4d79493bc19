// The tagging queue: keys, the next lead at once while the last one is being saved, undo. Without this file the same
// forms work one page at a time. Beside it: queue_outbox.js sends and keeps, queue_pages.js fetches, queue_criteria.js
// draws the verdict, queue_keys.js and queue_hands.js listen, queue_typed.js remembers what was typed.
import {
  complain, count, countInMenu, leaveOut, remember, say, sayOf, secondsSpent, startClock, tellUnsent, unsay,
} from "./queue_beside.js";
import { answer, choose, draw, mark, rows } from "./queue_criteria.js";
import { fieldsOf, isChanged, isLossWhole, newId } from "./queue_forms.js";
import { layOver, listenToHands } from "./queue_hands.js";
import { listen } from "./queue_keys.js";
import { isSignedOut, signInAgain } from "./queue_login.js";
import { Outbox, send } from "./queue_outbox.js";
import { AnotherPerson, NotOurs, SignedOut, hold, read, refreshAbout, unfold } from "./queue_pages.js";
import { Typed } from "./queue_typed.js";

const FRESH_FOR = 4 * 60 * 1000; // what was fetched ahead is ours for five minutes
const HELD_EVERY = 2 * 60 * 1000;
const AGAIN_AFTER = 3000;
const SLOW = 700;

let page = document.getElementById("queue");
const texts = page.dataset;
const typed = new Typed(texts.person);
const saved = new Map(); // lead → what was last saved of it: typed again when it is undone
const done = []; // leads just left, which the server may not know yet
let undoable = texts.undoable; // a page fetched ahead does not know of the save it was fetched before
let ahead = null; // the next lead, being fetched
let isLeaving = false;
let isUndoing = false;

const outbox = new Outbox(texts.person, {
  change: () => tellUnsent(outbox, texts),
  done(entry, answered) {
    undoable = answered.undoable;
    if (entry.act !== "call") saved.set(entry.code, entry);
    count(answered);
    sayOf(entry.code, page, answered.said);
    if (entry.act === "call" && entry.code === page.dataset.code) refreshAbout(page);
    if (!outbox.size) countInMenu(texts);
    // That nothing is left was said before this was saved, so it is asked anew.
    if (!page.dataset.code) show(texts.next, { isBack: true });
  },
  refused: giveBack,
  stranger: () => signInAgain(goOn),
  another: leaveToAnother,
});

// Somebody is signed in again: send what waits, and fetch what could not be fetched.
function goOn() {
  outbox.resume();
  if (page.hasAttribute("aria-busy")) tryAgain(page);
  else if (page.dataset.code) fetchAhead();
}

function leaveToAnother() {
  say(texts.another, "error");
  isLeaving = true;
  setTimeout(() => location.assign(texts.next), 5000);
}

// Say why there is no page; what is to be done when somebody is signed in again is done then.
function explain(problem, otherwise = goOn) {
  if (problem instanceof SignedOut) signInAgain(otherwise);
  else if (problem instanceof AnotherPerson) leaveToAnother();
  else say(problem instanceof NotOurs ? texts.notYours : texts.offline, "error");
}

// --- Pages ----------------------------------------------------------------------------------------------------------

function codesGone() {
  return new Set([...done.slice(-20), ...outbox.codes.slice(-40), page.dataset.code].filter(Boolean));
}

function fetchAhead() {
  ahead = read(`${texts.next}?besides=${[...codesGone()].join("+")}`, texts);
  ahead.catch((problem) => { if (problem instanceof SignedOut) signInAgain(goOn); }); // the rest is told when it is wanted
}

function put({ node, url, title }, { isBack = false } = {}) {
  page.replaceWith(node);
  page = node;
  document.title = title;
  if (!isBack) history.pushState({}, "", new URL(url).pathname);
  const name = page.querySelector("h1");
  if (name) {
    name.tabIndex = -1; // whoever listens to the page hears who came
    name.focus({ preventScroll: true });
  }
  begin();
  scrollTo({ top: 0 });
}

function begin() {
  startClock();
  for (const hidden of page.querySelectorAll(".scripted")) hidden.hidden = false;
  page.querySelectorAll("dialog[open]").forEach(layOver); // opened by the address
  typed.restore(page);
  unfold(page);
  count();
  leaveOut(page, codesGone());
  draw(page);
  const first = rows(page)[0];
  if (first) mark(rows(page).find((row) => answer(row) === "not_asked") ?? first);
  if (!page.dataset.code) return;
  remember(page);
  fetchAhead();
}

async function next() {
  done.push(page.dataset.code);
  const left = page;
  page.setAttribute("aria-busy", "true");
  const slow = setTimeout(() => { if (page === left) say(texts.coming); }, SLOW);
  try {
    let found = await ahead;
    if (Date.now() - found.at > FRESH_FOR) {
      fetchAhead();
      found = await ahead;
    }
    if (page === left) put(found);
    hold(page);
  } catch (problem) {
    if (page !== left) return;
    explain(problem);
    if (!(problem instanceof SignedOut)) setTimeout(() => tryAgain(left), AGAIN_AFTER);
  } finally {
    clearTimeout(slow);
    unsay(texts.coming);
  }
}

function tryAgain(left) {
  if (page !== left) return;
  done.pop();
  fetchAhead();
  next();
}

async function show(url, options) {
  try {
    put(await read(url, texts), options);
  } catch (problem) {
    explain(problem, () => show(url, options));
    // Going back has changed the address already; what is on the page has not changed.
    if (problem instanceof NotOurs && options?.isBack) history.replaceState({}, "", addressOf(page.dataset.code));
  }
}

function addressOf(code) {
  return code ? `${texts.next}${code}/` : texts.next;
}

// The server has said no: go back to that lead with what was typed, and say what is wrong with it.
async function giveBack(entry, refusals, status) {
  if (status === 404) return sayOf(entry.code, page, texts.gone, "error");
  if (page.dataset.code !== entry.code) typed.keep(page);
  typed.set(entry.code, entry.act, entry.fields);
  await show(addressOf(entry.code));
  complain(page, refusals.length ? refusals.map((refusal) => refusal.text) : [texts.failed]);
  if (entry.act !== "judge") layOver(dialogOf(entry.act));
}

// --- Acts -----------------------------------------------------------------------------------------------------------

function entry(act, form, fields) {
  return { act, code: page.dataset.code, url: new URL(form.action).pathname, fields, at: Date.now() };
}

// The lead on the page is done and the next is on its way; who is signed out is asked once more.
function isBusy() {
  const busy = page.hasAttribute("aria-busy");
  if (busy && isSignedOut()) signInAgain();
  return busy;
}

function save() {
  const form = page.querySelector("#judge");
  if (!form || isBusy()) return;
  if (!isChanged(form)) return say(texts.nothing, "error");
  if (!form.reportValidity()) return;
  form.elements.seconds_spent.value = secondsSpent();
  leave(entry("judge", form, fieldsOf(form)));
}

function leave(made) {
  typed.keep(page);
  typed.forget(made.code, made.act);
  say("");
  outbox.add(made);
  next();
}

function lose(form) {
  if (!isLossWhole(form, texts.noReason)) return;
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
  if (!page.dataset.code || isBusy()) return;
  typed.keep(page);
  say("");
  const code = page.dataset.code;
  send(page.querySelector("#skipping").action, []).then(async (response) => {
    if (response.ok) sayOf(code, page, (await response.json()).said);
  }).catch(() => {});
  next();
}

async function undo() {
  if (isUndoing) return;
  isUndoing = true;
  await takeBack().catch(() => say(texts.later, "error"));
  isUndoing = false;
}

async function takeBack() {
  const waiting = outbox.takeBack();
  if (waiting) return bringBack(waiting, addressOf(waiting.code));
  if (outbox.stopped) return signInAgain(goOn);
  await outbox.drain();
  if (outbox.size) return say(texts.later, "error");
  if (!undoable) return say(texts.noUndo, "error");
  typed.keep(page);
  const response = await send(texts.undo, [["act", undoable]]);
  if (response.status === 401) return signInAgain(undo);
  const answered = await response.json();
  if (!response.ok) return say(answered.refusals.map((refusal) => refusal.text).join(" "), "error");
  undoable = answered.undoable;
  const code = answered.to.split("/").at(-2);
  await bringBack(saved.get(code) ?? { code }, answered.to);
  count(answered);
  countInMenu(texts);
  say(answered.said);
}

// A lead whose save was undone is in front of the person again, with what was said of it.
function bringBack({ act, code, fields }, url) {
  if (fields) typed.set(code, act, fields);
  done.splice(0, done.length, ...done.filter((other) => other !== code));
  return show(url);
}

const dialogOf = (name) => page.querySelector(`#do-${name}`);

const ACTS = {
  all() {
    if (isBusy()) return;
    rows(page).forEach((row) => choose(row, "met"));
    draw(page);
  },
  call: () => isBusy() || layOver(dialogOf("call")),
  lose: () => isBusy() || layOver(dialogOf("lose")),
  help: () => layOver(dialogOf("help")),
  skip,
  undo,
  onwards: () => isBusy() || next(),
  close: () => page.querySelector("dialog[open]")?.close(),
};

// --- Hands ----------------------------------------------------------------------------------------------------------

const hands = {
  page: () => page,
  acts: ACTS,
  save,
  lose,
  logCall,
  open(url) {
    typed.keep(page);
    show(url);
  },
};
listen(hands);
listenToHands(hands);

function store() {
  typed.keep(page);
  typed.store();
}

window.addEventListener("popstate", () => { typed.keep(page); show(location.href, { isBack: true }); });
window.addEventListener("beforeunload", (event) => { if (outbox.size && !isLeaving) event.preventDefault(); });
window.addEventListener("pagehide", store);
document.addEventListener("visibilitychange", () => { if (document.hidden) store(); }); // a phone may never come back
window.addEventListener("pageshow", (event) => { if (event.persisted) show(location.href, { isBack: true }); });
setInterval(() => hold(page), HELD_EVERY);

begin();
outbox.drain();
