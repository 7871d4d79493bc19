// Moving leads between stages: by mouse, by keyboard, by a menu. The server decides; the board is drawn anew from it.
const board = () => document.getElementById("kanban");
const words = document.getElementById("kanban-words")?.dataset ?? {};
const token = () => document.querySelector("#kanban-move [name=csrfmiddlewaretoken]").value;
const lanesOf = () => [...board().querySelectorAll(".lane")];
const ticketOf = (code) => board().querySelector(`.ticket[data-code="${code}"]`);

let held = null; // what the keyboard has picked up: {ticket, lane}

function say(text, kind = "info") {
  const place = document.getElementById("kanban-said");
  place.textContent = text;
  place.className = `msg ${kind}`;
  place.hidden = !text;
}

function sayEnded() {
  say(`${words.ended} `, "error");
  const link = document.createElement("a");
  link.href = `${words.login}?next=${encodeURIComponent(location.pathname + location.search)}`;
  link.textContent = words.signIn;
  document.getElementById("kanban-said").append(link);
}

async function redraw(focus) {
  const response = await fetch(location.href, { headers: { "X-Requested-With": "fetch" } });
  if (!response.ok || response.redirected) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.querySelector("#kanban .lanes");
  if (!fresh) return;
  const lanes = board().querySelector(".lanes");
  const left = lanes.scrollLeft;
  lanes.replaceWith(fresh);
  fresh.scrollLeft = left;
  rove(focus && ticketOf(focus));
}

// One request for one act. What was refused, or never arrived, leaves the lead where the server has it.
async function send(act, ticket, fields) {
  if (ticket.hasAttribute("aria-busy")) return { busy: true };
  ticket.setAttribute("aria-busy", "true");
  const body = new URLSearchParams(fields);
  body.set("version", ticket.dataset.version);
  const headers = { "X-CSRFToken": token(), "X-Requested-With": "fetch" };
  try {
    const response = await fetch(`/kanban/${ticket.dataset.code}/${act}/`, { method: "POST", body, headers });
    if (response.status === 401 || response.redirected) return { ended: true };
    const answer = await response.json();
    return { done: response.ok, said: answer.said };
  } catch {
    return { lost: true };
  } finally {
    ticket.removeAttribute("aria-busy");
  }
}

async function settle(answer, code) {
  if (answer.busy) return;
  if (answer.ended) return sayEnded();
  if (answer.lost) return say(words.lost, "error");
  await redraw(code).catch(() => {});
  say(answer.said, answer.done ? "success" : "error");
}

async function drop(ticket, lane) {
  const home = ticket.closest(".lane");
  if (lane.dataset.end) return ask(lane.dataset.end, ticket, home);
  if (lane === home) return;
  const before = ticket.nextElementSibling;
  lane.querySelector("ul").prepend(ticket);
  const answer = await send("move", ticket, { to: lane.dataset.stage });
  if (!answer.done && ticket.isConnected) home.querySelector("ul").insertBefore(ticket, before);
  await settle(answer, ticket.dataset.code);
}

function ask(act, ticket, home) {
  const stage = home.dataset.stage;
  const dialog =
    act === "win" ? document.getElementById("kanban-win") : document.querySelector(`dialog.losing[data-stage="${stage}"]`);
  const form = dialog.querySelector("form");
  const wrong = dialog.querySelector(".msg.error");
  if (dialog.dataset.code !== ticket.dataset.code) form.reset();
  dialog.dataset.code = ticket.dataset.code;
  dialog.querySelector("[data-title]").textContent = ticket.dataset.title;
  wrong.hidden = true;
  form.onsubmit = async (event) => {
    event.preventDefault();
    const answer = await send(act, ticketOf(ticket.dataset.code) ?? ticket, new FormData(form));
    if (answer.busy) return;
    if (answer.done) {
      dialog.close();
      form.reset();
      return settle(answer, null);
    }
    wrong.textContent = answer.lost ? words.lost : answer.ended ? words.ended : answer.said;
    wrong.hidden = false;
  };
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
    drop(ticket, lane);
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
  drop(dragged, lane);
});
document.addEventListener("dragend", () => {
  dragged = null;
  mark(null);
});

// --- By keyboard: one lead of each stage is a tab stop, arrows go on from it --------------------------------------------
function rove(ticket) {
  for (const lane of lanesOf()) {
    const here = [...lane.querySelectorAll(".ticket")];
    const stop = here.includes(ticket) ? ticket : here[0];
    for (const one of here) one.tabIndex = one === stop ? 0 : -1;
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
  if (!more) return;
  event.preventDefault();
  const response = await fetch(more.href);
  if (response.ok && !response.redirected) more.closest("li").outerHTML = await response.text();
});

if (board()) rove();
