// What the board of stages tells the server, and what it says of the answers.
const TIMEOUT = 20000;
export const BY_SCRIPT = { "X-Requested-With": "fetch" };
export const words = document.getElementById("kanban-words")?.dataset ?? {};

// Read anew each time: whoever signs in again in another tab has another one.
function token() {
  const kept = document.cookie.split("; ").find((part) => part.startsWith("csrftoken="));
  return kept?.slice("csrftoken=".length) ?? document.querySelector("#kanban-move [name=csrfmiddlewaretoken]").value;
}

// One request for one act. What was refused, or never arrived, leaves the lead where the server has it.
export async function send(act, ticket, fields) {
  if (ticket.hasAttribute("aria-busy")) return { isBusy: true };
  ticket.setAttribute("aria-busy", "true");
  const body = new URLSearchParams(fields);
  body.set("version", ticket.dataset.version);
  const headers = { ...BY_SCRIPT, "X-CSRFToken": token() };
  const signal = AbortSignal.timeout(TIMEOUT);
  try {
    const url = `/kanban/${ticket.dataset.code}/${act}/`;
    return await answerOf(await fetch(url, { method: "POST", body, headers, signal }));
  } catch {
    return { wrong: words.lost };
  } finally {
    ticket.removeAttribute("aria-busy");
  }
}

async function answerOf(response) {
  if (response.status === 401 || response.redirected) return { isEnded: true, wrong: words.ended };
  if (response.status === 404) return { isKnown: true, wrong: words.gone };
  if (!response.headers.get("Content-Type")?.includes("json")) return { wrong: words.failed };
  const { said } = await response.json();
  return response.ok ? { isDone: true, said } : { isKnown: true, wrong: said };
}

export function say(text, kind = "info") {
  const place = document.getElementById("kanban-said");
  place.textContent = text;
  place.className = `msg ${kind}`;
  place.hidden = !text;
}

// Of a session that has ended it is told where to sign in; from a dialog in another tab, for what is written in it.
export function complain(answer, place = document.getElementById("kanban-said")) {
  place.textContent = `${answer.wrong} `;
  place.className = "msg error";
  place.hidden = false;
  place.scrollIntoView({ block: "nearest" });
  if (!answer.isEnded) return;
  const link = document.createElement("a");
  link.href = `${words.login}?next=${encodeURIComponent(location.pathname + location.search)}`;
  link.textContent = words.signIn;
  if (place.closest("dialog")) link.target = "_blank";
  place.append(link);
}
