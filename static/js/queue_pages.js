// Pages of the queue as they are fetched: the part that is replaced, and why there is none.
import { PATIENCE, cookie, send } from "./queue_outbox.js";

export class SignedOut extends Error {}
export class AnotherPerson extends Error {}
export class NotOurs extends Error {} // a lead that somebody else has been given meanwhile

export async function read(url, { login, person }) {
  const response = await fetch(url, { headers: { "Accept": "text/html" }, signal: AbortSignal.timeout(PATIENCE) });
  const text = await response.text();
  if (response.url.includes(login)) throw new SignedOut();
  if (response.status === 404 || response.status === 403) throw new NotOurs();
  const found = new DOMParser().parseFromString(text, "text/html");
  const fresh = found.getElementById("queue");
  if (!fresh) throw new Error(`no lead at ${url}`);
  if (fresh.dataset.person !== person) throw new AnotherPerson();
  return { node: document.adoptNode(fresh), url: response.url, title: found.title, at: Date.now() };
}

// On a phone the criteria come first: what was tried stays folded there, and one line tells how often.
export function unfold(page) {
  if (matchMedia("(min-width: 640px)").matches) page.querySelector("#about details")?.setAttribute("open", "");
}

// Who sent the request and what was tried, as it is known now.
export async function refreshAbout(page) {
  const fresh = await read(location.href, page.dataset).catch(() => null);
  if (fresh && fresh.node.dataset.code === page.dataset.code) {
    page.querySelector("#about").replaceWith(fresh.node.querySelector("#about"));
    unfold(page);
  }
}

// Keep the lead for the person who still looks at it.
export function hold(page) {
  if (page.dataset.code && !document.hidden && cookie("csrftoken")) {
    send(`${page.dataset.next}${page.dataset.code}/hold/`, [], { "X-Unattended": "1" }).catch(() => {});
  }
}
