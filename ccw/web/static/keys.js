/** The pool of keys in the dialog of a provider: a row for each. */

import { onClick } from "./actions.js";
import { part } from "./dialogs.js";
import { mark, problemOf } from "./forms.js";

onClick("add-key", (button) => {
  addRow(button.closest("form"), {}).querySelector("input").focus();
});

onClick("remove-key", (button) => {
  const form = button.closest("form");
  button.closest(".key-row").remove();
  part(form, "pool").querySelector("[data-action='add-key']").focus();
});

/** Show *keys*, each as `{id, key, label, weight, enabled}`. */
export function fillKeys(form, keys) {
  part(form, "keys").replaceChildren();
  for (const key of keys) addRow(form, key);
  form.elements.apiKey.classList.remove("secret");
  part(form, "pool").open = keys.length > 0;
}

/** Tell whether each row has a key and a weight; the first field that is not right gets the focus. */
export function keysAreRight(form) {
  const wrong = [...form.querySelectorAll(".key-row [data-key]")].filter((field) => {
    const problem = field.dataset.key === "key" && !field.value.trim() ? "Needed" : problemOf(field);
    mark(field, problem);
    return problem !== "";
  });
  if (!wrong.length) return true;
  part(form, "pool").open = true;
  wrong[0].focus();
  return false;
}

/** Return the keys as they are now; those that were there keep what the form does not show. */
export function keysOf(form) {
  return [...form.querySelectorAll(".key-row")].map((row) => {
    const value = (name) => row.querySelector(`[data-key="${name}"]`);
    return {
      ...row.given,
      key: value("key").value.trim(),
      label: value("label").value.trim() || null,
      weight: Number(value("weight").value || 1),
      enabled: value("enabled").checked,
    };
  });
}

/** Tell whether a key was typed out where a reference is safer. */
function isLiteral(text) {
  return text !== "" && !text.startsWith("$") && !text.includes("…");
}

document.addEventListener("input", (event) => {
  const field = event.target;
  if (field.name !== "apiKey" && field.dataset?.key !== "key") return;
  field.classList.toggle("secret", isLiteral(field.value));
});

function addRow(form, key) {
  const row = form.parentElement.querySelector("#key-row").content.cloneNode(true).firstElementChild;
  row.given = key.key === undefined ? { id: freshId(form) } : key;
  row.querySelector('[data-key="key"]').value = key.key ?? "";
  row.querySelector('[data-key="label"]').value = key.label ?? "";
  row.querySelector('[data-key="weight"]').value = key.weight ?? 1;
  row.querySelector('[data-key="enabled"]').checked = key.enabled ?? true;
  part(form, "keys").append(row);
  return row;
}

function freshId(form) {
  const taken = new Set([...form.querySelectorAll(".key-row")].map((row) => row.given.id));
  let number = taken.size + 1;
  while (taken.has(`key-${number}`)) number += 1;
  return `key-${number}`;
}
