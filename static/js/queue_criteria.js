// The criteria of one lead: cycling through answers, values that decide by themselves, the verdict as it forms.
const TURN = { not_asked: "met", met: "failed", failed: "unknown", unknown: "not_asked" };

export function rows(page) {
  return [...page.querySelectorAll("#judge .crit")];
}

export function answer(row) {
  return row.querySelector(".seg input:checked")?.value ?? "not_asked";
}

export function choose(row, value) {
  const radio = row.querySelector(`.seg input[value="${value}"]`);
  radio.checked = true;
  return radio;
}

export function cycle(row) {
  const before = answer(row);
  const radio = choose(row, TURN[before]);
  mark(row);
  radio.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

export function mark(row) {
  row.parentElement.querySelector(".crit.now")?.classList.remove("now");
  row.classList.add("now");
}

// Numbers as people write them, as the server reads them: "60 000", "1,5" and "60,000" alike.
function number(text) {
  const plain = text.replace(/\s/g, "");
  if (/^-?\d+(\.\d+)?$/.test(plain)) return Number(plain);
  if (/^-?[1-9]\d{0,2}(,\d{3})+(\.\d+)?$/.test(plain)) return Number(plain.replaceAll(",", ""));
  if (/^-?\d+,\d+$/.test(plain)) return Number(plain.replace(",", "."));
  return NaN;
}

// A number or a choice decides by itself; a plain yes or no has no value.
export function follow(row) {
  const field = row.querySelector("[name^='observed-']");
  if (!field || !field.value.trim()) return;
  if (row.dataset.type === "choice") choose(row, row.dataset.good.split("|").includes(field.value) ? "met" : "failed");
  const seen = number(field.value);
  if (row.dataset.type !== "number" || !row.dataset.threshold || Number.isNaN(seen)) return;
  const threshold = Number(row.dataset.threshold);
  choose(row, (row.dataset.comparison === "at_most" ? seen <= threshold : seen >= threshold) ? "met" : "failed");
}

// The rule of the server, funnels/rules/verdict.py: one failed blocking criterion, or every blocking one met.
function verdict(blocking) {
  if (blocking.some((row) => answer(row) === "failed")) return "non_target";
  return blocking.length && blocking.every((row) => answer(row) === "met") ? "target" : "undecided";
}

export function draw(page) {
  const all = rows(page);
  const shown = page.querySelector("#judging .verdict");
  if (!shown) return;
  const blocking = all.filter((row) => row.dataset.blocking);
  const failed = blocking.filter((row) => answer(row) === "failed").map((row) => row.dataset.failed);
  const unasked = blocking.filter((row) => answer(row) === "not_asked").map((row) => row.dataset.name);
  const tag = page.querySelector(`template[data-verdict="${verdict(blocking)}"]`).content.cloneNode(true);
  const why = document.createElement("p");
  if (failed.length) why.append(Object.assign(document.createElement("b"), { textContent: failed.join(", ") }));
  if (unasked.length) {
    const text = page.dataset.unasked.replace("{n}", unasked.length).replace("{names}", unasked.join(", "));
    why.append(failed.length ? ` · ${text}` : text);
  }
  shown.replaceChildren(tag, why);
  shown.setAttribute("role", "status");
  for (const row of all) unfold(row);
  askForNote(page, all);
  askKind(page, all);
}

// What a "not met" rests on is asked for only when it is said.
function unfold(row) {
  const said = answer(row);
  for (const part of row.querySelectorAll("[data-part]")) {
    const isValue = part.dataset.part.startsWith("observed-");
    part.hidden = isValue ? false : said !== "failed";
  }
  const more = row.querySelector(".more");
  if (more) more.hidden = ![...more.children].some((child) => !child.hidden);
}

// Some criteria may be called not met only with a note that says why.
function askForNote(page, all) {
  const note = page.querySelector("#judge [name=note]");
  note.required = all.some((row) => "needsNote" in row.dataset && answer(row) === "failed");
  if (note.required) note.closest("details").open = true;
}

// Whether the facts have changed or the judgement was wrong is asked only of who replaces an answer.
function askKind(page, all) {
  const kinds = page.querySelector("#kinds");
  const more = kinds?.querySelector("[value=assess]");
  if (!more) return;
  const replaces = all.some(({ dataset: { before } }, at) => (
    ["met", "failed"].includes(before) && before !== answer(all[at])
  ));
  kinds.hidden = !replaces;
  more.closest("label").hidden = replaces;
  if (!replaces) more.checked = true;
  else if (more.checked) kinds.querySelector("[value=change]").checked = true;
}
