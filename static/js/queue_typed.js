// What was typed of leads and not sent: it outlives the next lead, going back and loading the page anew, not the tab.
import { fieldsOf, fill, isTouched } from "./queue_forms.js";

const FORMS = { judge: "#judge", lose: "#do-lose form", call: "#do-call form" };

export class Typed {
  constructor(person) {
    this.key = `razbor-queue-typed-${person}`;
    this.kept = new Map(JSON.parse(sessionStorage.getItem(this.key) ?? "[]"));
    sessionStorage.removeItem(this.key);
  }

  set(code, act, fields) {
    this.kept.set(code, { ...this.kept.get(code), [act]: fields });
  }

  forget(code, act) {
    const { [act]: _gone, ...rest } = this.kept.get(code) ?? {};
    if (Object.keys(rest).length) this.kept.set(code, rest);
    else this.kept.delete(code);
  }

  keep(page) {
    for (const [act, selector] of Object.entries(FORMS)) {
      const form = page.querySelector(selector);
      if (form && isTouched(form)) this.set(page.dataset.code, act, fieldsOf(form));
      else this.forget(page.dataset.code, act);
    }
  }

  restore(page) {
    for (const [act, fields] of Object.entries(this.kept.get(page.dataset.code) ?? {})) {
      const form = page.querySelector(FORMS[act]);
      if (form) fill(form, fields);
    }
  }

  store() {
    if (this.kept.size) sessionStorage.setItem(this.key, JSON.stringify([...this.kept]));
    else sessionStorage.removeItem(this.key);
  }
}
