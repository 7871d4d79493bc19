// What is said of leads waits here until the server has taken it: kept in this browser, for its author alone, and sent
// again with the same request id until it is accepted. Holds addresses and answers, no names and no phones.
// Tabs of one person share the place: each adds and takes away its own, and lets go of what another has sent.
import { newId } from "./queue_forms.js";

const PAUSES = [1000, 2000, 5000, 10000, 20000, 30000];
export const PATIENCE = 20000;

export function cookie(name) {
  return document.cookie.split("; ").find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
}

// `headers` are added to its own; `X-Unattended` says that no person stands behind a request.
export function send(url, fields, headers = {}) {
  return fetch(url, {
    method: "POST",
    redirect: "manual",
    headers: { "Accept": "application/json", "X-CSRFToken": cookie("csrftoken"), ...headers },
    body: new URLSearchParams(fields),
    signal: AbortSignal.timeout(PATIENCE),
  });
}

export class Outbox {
  // `told` is called back: change(), done(entry, answer), refused(entry, refusals), stranger(), another()
  constructor(person, told) {
    this.key = `razbor-queue-${person}`;
    this.told = told;
    this.kept = this.#read();
    this.sending = null;
    this.failures = 0;
    this.stopped = "";
    addEventListener("online", () => this.drain());
    addEventListener("storage", (event) => { if (event.key === this.key) this.#letGo(); });
  }

  get size() {
    return this.kept.length;
  }

  get codes() {
    return this.kept.map((entry) => entry.code);
  }

  add(entry) {
    entry.id = newId();
    this.kept.push(entry);
    this.#write((kept) => [...kept, entry]);
    if (this.stopped) this.told[this.stopped]();
    return this.drain();
  }

  // Take back what has not been sent yet; what is on its way is not to be had.
  takeBack() {
    const last = this.kept.at(-1);
    if (!last || last === this.onItsWay || last.act === "call" || last.tried) return null;
    this.#drop(last);
    return last;
  }

  drain() {
    if (this.stopped) return Promise.resolve();
    clearTimeout(this.timer);
    this.sending ??= this.#drain().finally(() => { this.sending = null; });
    return this.sending;
  }

  resume() {
    this.stopped = "";
    return this.drain();
  }

  async #drain() {
    while (this.kept.length && !this.stopped) {
      const entry = this.kept[0];
      this.onItsWay = entry;
      const isSettled = await this.#deliver(entry);
      this.onItsWay = null;
      if (!isSettled) return;
    }
  }

  // Whether the entry has met its fate, so that the next may follow.
  async #deliver(entry) {
    let response;
    let answer = { refusals: [] };
    entry.tried = true;
    this.#write((kept) => kept.map((other) => (other.id === entry.id ? entry : other)));
    const waited = Math.round((Date.now() - entry.at) / 1000);
    try {
      response = await send(entry.url, [...entry.fields, ["waited", waited > 30 ? String(waited) : ""]]);
      if (response.status >= 500 || response.status === 429) throw new Error("not now");
      // A network that wants something of its own first answers too, with a page: then it is not saved.
      if (response.ok || response.status === 422) answer = await response.json();
    } catch {
      return this.#later();
    }
    this.failures = 0;
    if (response.ok) {
      this.#drop(entry);
      this.told.done(entry, answer);
      return true;
    }
    return this.#refused(entry, response, answer);
  }

  async #refused(entry, response, answer) {
    if (response.status === 401 || response.type === "opaqueredirect") return this.#stop("stranger");
    if (response.status === 403 && !entry.askedAgain) {
      // The cookie against forgery may be gone with the session: any page of ours sets it anew.
      entry.askedAgain = true;
      const page = await fetch(location.href).catch(() => null);
      if (!page) return this.#later();
      return page.redirected ? this.#stop("stranger") : true;
    }
    if (answer.refusals.some((refusal) => refusal.code === "another_person")) return this.#stop("another");
    this.#drop(entry);
    this.told.refused(entry, answer.refusals, response.status);
    return true;
  }

  #stop(why) {
    this.stopped = why;
    this.told.change();
    this.told[why]();
    return false;
  }

  #later() {
    const pause = PAUSES[Math.min(this.failures, PAUSES.length - 1)];
    this.failures += 1;
    this.told.change();
    this.timer = setTimeout(() => this.drain(), pause);
    return false;
  }

  #drop(entry) {
    this.kept = this.kept.filter((other) => other !== entry);
    this.#write((kept) => kept.filter((other) => other.id !== entry.id));
  }

  #letGo() {
    const left = new Set(this.#read().map((entry) => entry.id));
    this.kept = this.kept.filter((entry) => entry === this.onItsWay || left.has(entry.id));
    this.told.change();
  }

  #read() {
    try {
      return JSON.parse(localStorage.getItem(this.key) ?? "[]");
    } catch {
      return [];
    }
  }

  #write(change) {
    try {
      const kept = change(this.#read());
      if (kept.length) localStorage.setItem(this.key, JSON.stringify(kept));
      else localStorage.removeItem(this.key);
    } catch {
      // Storage is full or forbidden: what is said is still held here, and leaving the page warns.
    }
    this.told.change();
  }
}
