// Moving leads between stages: by mouse, by keyboard, by a menu. The server decides; the board is drawn anew from it.
// Beside it: kanban_send.js asks the server and says what it answered.
import { BY_SCRIPT, complain, say, send, words } from "./kanban_send.js";

const MOST_UNFOLDED = 8; // pages of a stage fetched again when the board is drawn anew

const board = () => document.getElementById("kanban");
const lanesOf = (place = board()) => [...place.querySelectorAll(".lane")];
const ticketsOf = (place) => [...place.querySelectorAll(".ticket")];
const ticketOf = (code) => code && board().querySelector(`.ticket[data-code="${code}"]`);
const keyOf = (lane) => lane.dataset.stage ?? lane.dataset.end;
const listOf = (lane) => lane.querySelector("ul");
const parse = (text) => new DOMParser().parseFromString(text, "text/html");

let held = null; // what the keyboard has picked up: {ticket, lane}

// Draw the board anew as it was looked at: unfolded, scrolled, with what the keyboard is at. `top` is a lead just moved,
// shown first at its stage; `wanted` is where to go on when the place the keyboard was at is gone.
async function redraw(top, wanted = top) {
  const address = new URL(location.href);
  if (top) address.searchParams.set("top", top);
  const response = await fetch(address);
  if (!response.ok || response.redirected) return;
  const fresh = parse(await response.text()).querySelector("#kanban .lanes");
  if (!fresh) return;
  const laid = new Map(lanesOf(fresh).map((lane) => [keyOf(lane), lane]));
  await Promise.all(lanesOf().map((lane) => unfold(laid.get(keyOf(lane)), ticketsOf(lane).length)));

  const lanes = board().querySelector(".lanes");
  const at = document.activeElement?.closest(".ticket")?.dataset.code;
  const isLost = document.activeElement === document.body;
  const scrolled = lanesOf().map((lane) => [laid.get(keyOf(lane)), listOf(lane)?.scrollTop]);
  const left = lanes.scrollLeft;
  lanes.replaceWith(fresh);
  fresh.scrollLeft = left;
  for (const [lane, far] of scrolled) if (far) listOf(lane)?.scrollTo(0, far);
  rove(ticketOf(at) ?? (isLost || at ? ticketOf(wanted) : null));
  if (held) holdAgain(laid.get(keyOf(held.lane)));
}

async function unfold(lane, had) {
  for (let page = 0; lane && page < MOST_UNFOLDED && ticketsOf(lane).length < had - 1; page += 1) {
    const more = lane.querySelector("[data-more]");
    if (!more || !(await goOn(more))) return;
  }
}

// Put the next leads of a stage in the place of the link to them; what is there already is not shown twice.
async function goOn(more) {
  const item = more.closest("li");
  const response = await fetch(new URL(more.getAttribute("href"), location.href), { headers: BY_SCRIPT });
  if (!response.ok || response.redirected || !item.parentElement) return null;
  const known = new Set(ticketsOf(item.parentElement).map((one) => one.dataset.code));
  const found = [...parse(`<ul>${await response.text()}</ul>`).querySelectorAll("li")];
  const fresh = found.filter((one) => !known.has(one.dataset.code));
  item.replaceWith(...fresh);
  return fresh;
}

async function settle(answer, code, wanted) {
  if (answer.isBusy) return;
  if (answer.isDone || answer.isKnown) await redraw(code, wanted).catch(() => {});
  if (answer.isDone) say(answer.said, "success");
  else complain(answer);
}

async function drop(ticket, lane) {
  const home = ticket.closest(".lane");
  if (lane.dataset.end) return ask(lane.dataset.end, ticket, home);
  if (lane === home) return say(words.left);
  const before = ticket.nextElementSibling;
  listOf(lane).prepend(ticket);
  const answer = await send("move", ticket, { to: lane.dataset.stage });
  if (!answer.isDone && ticket.isConnected) listOf(home).insertBefore(ticket, before);
  if (!answer.isDone && document.activeElement === document.body) ticket.focus();
  await settle(answer, ticket.dataset.code);
}

function ask(act, ticket, home) {
  const { stage } = home.dataset;
  const { code } = ticket.dataset;
  const dialog =
    act === "win" ? document.getElementById("kanban-win") : document.querySelector(`dialog.losing[data-stage="${stage}"]`);
  const form = dialog.querySelector("form");
  const wrong = dialog.querySelector(".msg.error");
  if (dialog.dataset.code !== code) form.reset();
  dialog.dataset.code = code;
  dialog.querySelector("[data-title]").textContent = ticket.dataset.title;
  wrong.hidden = true;
  form.onsubmit = async (event) => {
    event.preventDefault();
    const here = ticketOf(code) ?? ticket;
    const next = here.nextElementSibling?.closest(".ticket") ?? here.previousElementSibling;
    const answer = await send(act, here, new FormData(form));
    if (answer.isBusy) return;
    if (answer.isDone) {
      dialog.close("done");
      form.reset();
      return settle(answer, "", next?.dataset.code);
    }
    // Somebody may have changed the lead: what is behind the dialog is the board as it is now.
    if (answer.isKnown) await redraw(code).catch(() => {});
    complain(answer, wrong);
    if (!answer.isKnown || ticketOf(code)?.closest(".lane").dataset.stage === stage) return;
    dialog.close("elsewhere");
    complain(answer);
  };
  dialog.onclose = () => {
    if (dialog.returnValue) return;
    say(words.left);
    ticketOf(code)?.focus();
  };
  dialog.returnValue = "";
  dialog.showModal();
}

function where(ticket) {
  const dialog = document.getElementById("kanban-where");
  dialog.querySelector("[data-title]").textContent = ticket.dataset.title;
  dialog.onclick = (event) => {
    const chosen = event.target.closest("[data-to], [data-end]");
    if (!chosen) return;
    dialog.close();
    const { to, end } = chosen.dataset;
    const lane = board().querySelector(to ? `.lane[data-stage="${to}"]` : `.lane[data-end="${end}"]`);
    drop(ticketOf(ticket.dataset.code) ?? ticket, lane);
  };
  dialog.showModal();
}

// --- By mouse ---------------------------------------------------------------------------------------------------
let dragged = null;
const mark = (lane) => lanesOf().forEach((one) => one.classList.toggle("over", one === lane));

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.(".ticket") ?? null;
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.dataset.code);
});
document.addEventListener("dragover", (event) => {
  const lane = event.target.closest?.(".lane");
  if (!dragged || !lane) return;
  event.preventDefault();
  mark(lane);
});
document.addEventListener("drop", (event) => {
  const lane = event.target.closest?.(".lane");
  if (!dragged || !lane) return;
  event.preventDefault();
  const ticket = ticketOf(dragged.dataset.code); // the board may have been drawn anew under it
  dragged = null;
  mark(null);
  if (ticket) drop(ticket, lane);
});
document.addEventListener("dragend", () => {
  dragged = null;
  mark(null);
});

// --- By keyboard: one lead of each stage is a tab stop, arrows go on from it --------------------------------------------
function rove(ticket) {
  for (const lane of lanesOf()) {
    const here = ticketsOf(lane);
    const stop = here.includes(ticket) ? ticket : here[0];
    for (const one of here) one.tabIndex = one === stop ? 0 : -1;
    stop?.setAttribute("aria-describedby", "kanban-help");
  }
  for (const link of board().querySelectorAll(".ticket a")) link.tabIndex = -1;
  if (ticket) ticket.focus();
}

function beside(ticket, key) {
  if (key === "ArrowUp") return ticket.previousElementSibling?.closest(".ticket");
  if (key === "ArrowDown") return ticket.nextElementSibling?.closest(".ticket");
  const lanes = lanesOf().filter((lane) => lane.querySelector(".ticket"));
  const at = lanes.indexOf(ticket.closest(".lane"));
  return lanes[at + (key === "ArrowRight" ? 1 : -1)]?.querySelector(".ticket");
}

function holdAgain(lane) {
  held = { ticket: ticketOf(held.ticket.dataset.code), lane };
  if (!held.ticket || !lane) {
    held = null;
    return;
  }
  held.ticket.classList.add("held");
  mark(lane);
}

function letGo(text) {
  held.ticket.classList.remove("held");
  held = null;
  mark(null);
  if (text) say(text);
}

function carry(event) {
  const lanes = lanesOf();
  if (event.key === "Escape") return letGo(words.left);
  if (event.key === " " || event.key === "Enter") {
    const { ticket, lane } = held;
    letGo("");
    return drop(ticket, lane);
  }
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!step) return undefined;
  held.lane = lanes[Math.min(Math.max(lanes.indexOf(held.lane) + step, 0), lanes.length - 1)];
  mark(held.lane);
  held.lane.scrollIntoView({ block: "nearest", inline: "nearest" });
  return say(words.over.replace("{stage}", held.lane.dataset.name));
}

document.addEventListener("keydown", (event) => {
  const ticket = event.target.closest?.(".ticket");
  if (!ticket || event.target !== ticket || event.ctrlKey || event.metaKey || event.altKey) return;
  if (held) {
    if (event.key === "Tab") return letGo(words.left);
    event.preventDefault();
    return carry(event);
  }
  if (event.key === "Enter") return ticket.querySelector("a").click();
  if (event.key === " ") {
    event.preventDefault();
    held = { ticket, lane: ticket.closest(".lane") };
    ticket.classList.add("held");
    mark(held.lane);
    return say(words.picked.replace("{title}", ticket.dataset.title));
  }
  if (event.key.startsWith("Arrow")) {
    event.preventDefault();
    const next = beside(ticket, event.key);
    if (next) rove(next);
  }
});

// --- By menu, and what is further down ---------------------------------------------------------------------------
document.addEventListener("click", async (event) => {
  if (event.target.closest("[data-close]")) return event.target.closest("dialog").close();
  const mover = event.target.closest(".mover");
  if (mover) {
    event.preventDefault();
    return where(mover.closest(".ticket"));
  }
  const more = event.target.closest("[data-more]");
  if (!more || event.ctrlKey || event.metaKey || event.shiftKey) return undefined;
  event.preventDefault();
  return showMore(more);
});

async function showMore(more) {
  if (more.hasAttribute("aria-busy")) return;
  more.setAttribute("aria-busy", "true");
  const fresh = await goOn(more).catch(() => null);
  more.removeAttribute("aria-busy");
  if (!fresh) return say(words.further, "error");
  rove(fresh.find((one) => one.matches(".ticket")));
}

if (board()) rove();
