// What was typed of a lead: taken out of its forms, put back into them, told from what stood there before.
const OURS = /^(csrfmiddlewaretoken|request_id|person|seen|outcome|waited|seconds_spent|kind|initial-.*)$/;

export function fieldsOf(form, submitter) {
  return [...new FormData(form, submitter)].filter(([name]) => name !== "csrfmiddlewaretoken" && name !== "waited");
}

export function fill(form, fields) {
  const boxes = [...form.querySelectorAll("[type=checkbox]")];
  for (const [name, value] of fields) {
    const isTicked = boxes.filter((box) => box.name === name);
    for (const box of isTicked) box.checked ||= box.value === value;
    if (!isTicked.length && !OURS.test(name) && form.elements[name]) form.elements[name].value = value;
  }
  const folded = form.elements.note.closest("details");
  if (folded && form.elements.note.value) folded.open = true;
}

export function isChanged(form) {
  return [...form.querySelectorAll("[name^='initial-']")].some((before) => {
    const now = form.elements[before.name.slice("initial-".length)];
    return (now?.value ?? "") !== before.value;
  });
}

// Whether anything stands in a form that would be missed, also when it is not enough to be sent.
export function isTouched(form) {
  return isChanged(form) || form.elements.note.value.trim() !== "" || form.querySelector("[type=checkbox]:checked") !== null;
}

// Whether a loss has a reason, and a note where a reason asks for one; says what is missing.
export function isLossWhole(form, noReason) {
  const ticked = [...form.querySelectorAll("[name=reasons]:checked")];
  const problem = form.querySelector("[data-refusal]");
  problem.hidden = ticked.length > 0;
  if (!ticked.length) problem.textContent = noReason;
  form.elements.note.required = ticked.some((box) => "needsNote" in box.dataset);
  return ticked.length > 0 && form.reportValidity();
}

// Not crypto.randomUUID: that is only to be had over HTTPS.
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const text = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
