// The rules work without this. With it a draft's criteria are moved by buttons instead of by numbers.
// And a criterion's form shows only what its kind of answer uses.
//   form[data-criterion]
//   ol[data-ordered] with a number field in each line; data-up and data-down name the buttons
function number(list) {
  [...list.children].forEach((line, index, lines) => {
    line.querySelector("input[type=number]").value = index + 1;
    line.querySelector("[data-to=up]").disabled = index === 0;
    line.querySelector("[data-to=down]").disabled = index === lines.length - 1;
  });
}

function button(to, sign) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn small quiet";
  made.dataset.to = to;
  made.textContent = sign;
  return made;
}

for (const list of document.querySelectorAll("ol[data-ordered]")) {
  const lines = [...list.children];
  const place = (line) => Number(line.querySelector("input[type=number]").value) || 99;
  list.append(...lines.sort((one, other) => place(one) - place(other)));
  for (const line of lines) {
    const name = line.querySelector(".tick").textContent.trim();
    const field = line.querySelector("input[type=number]");
    field.hidden = true;
    for (const [to, sign] of [["up", "↑"], ["down", "↓"]]) {
      const made = button(to, sign);
      made.setAttribute("aria-label", `${list.dataset[to]}: ${name}`);
      field.parentElement.append(made);
    }
  }
  number(list);
  list.addEventListener("click", (event) => {
    const pressed = event.target.closest("button[data-to]");
    if (!pressed) return;
    const line = pressed.closest("li");
    if (pressed.dataset.to === "up") line.previousElementSibling?.before(line);
    else line.nextElementSibling?.after(line);
    number(list);
    (pressed.disabled ? line.querySelector("button[data-to]:not([disabled])") : pressed)?.focus();
  });
}

function fit(form) {
  const value = (name) => form.elements[name].value;
  const isNumber = value("answer_type") === "number";
  const isChoice = value("answer_type") === "choice";
  const isRule = value("judged_by") === "rule";
  const kind = isRule ? value("rule_kind") : "";
  const shown = {
    threshold: isNumber || kind === "number_at_least",
    comparison: isNumber,
    unit: isNumber,
    options_met: isChoice,
    options_failed: isChoice,
    rule_kind: isRule,
    rule_field: kind === "field_in_list" || kind === "number_at_least",
    rule_values: kind === "field_in_list" || kind === "region_in_list",
  };
  for (const [name, isShown] of Object.entries(shown)) form.elements[name].closest(".field").hidden = !isShown;
  for (const group of form.querySelectorAll(".fields")) {
    const isEmpty = !group.querySelector(".field:not([hidden])");
    group.previousElementSibling.hidden = isEmpty;
  }
}

for (const form of document.querySelectorAll("form[data-criterion]")) {
  form.addEventListener("change", () => fit(form));
  window.addEventListener("pageshow", () => fit(form));
  fit(form);
}
