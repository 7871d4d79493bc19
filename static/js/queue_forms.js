// What was typed of a lead: taken out of its form, put back into it, told from what stood there before.
const OURS = /^(csrfmiddlewaretoken|request_id|person|seen|waited|seconds_spent|kind|initial-.*)$/;

export function fieldsOf(form, submitter) {
  return [...new FormData(form, submitter)].filter(([name]) => name !== "csrfmiddlewaretoken" && name !== "waited");
}

export function fill(form, fields) {
  for (const [name, value] of fields) {
    if (!OURS.test(name) && form.elements[name]) form.elements[name].value = value;
  }
  if (form.elements.note.value) form.elements.note.closest("details").open = true;
}

// The reasons of a loss that was refused, ticked again.
export function tick(form, fields) {
  for (const [name, value] of fields) {
    if (name === "note") form.elements.note.value = value;
    const box = name === "reasons" && [...form.querySelectorAll("[name=reasons]")].find((one) => one.value === value);
    if (box) box.checked = true;
  }
}

export function isChanged(form) {
  return [...form.querySelectorAll("[name^='initial-']")].some((before) => {
    const now = form.elements[before.name.slice("initial-".length)];
    return (now?.value ?? "") !== before.value;
  });
}

// Not crypto.randomUUID: that is only to be had over HTTPS.
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const text = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
