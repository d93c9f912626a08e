/** Forms that edit objects: fields named by their path, merge patches of what was changed. */

import "./drafts.js";

const READERS = {
  number: (text) => (text.trim() === "" ? null : Number(text)),
  integer: (text) => (text.trim() === "" ? null : Number(text)),
  words: (text) => text.split(/\s+/).filter(Boolean),
  maybe: (text) => (text === "" ? null : text === "true"),
  headers: (text) => headersIn(text),
  text: (text) => text.trim(),
};
const WRITERS = {
  words: (value) => (value ?? []).join(" "),
  headers: (value) => Object.entries(value ?? {}).map(([name, text]) => `${name}: ${text}`).join("\n"),
  text: (value) => (value === null || value === undefined ? "" : String(value)),
};

/** Put the values of *object* into the fields of *form*. */
export function fill(form, object) {
  for (const field of fieldsOf(form)) {
    const value = at(object, field.name);
    if (field.type === "checkbox") field.checked = Boolean(value);
    else field.value = (WRITERS[kindOf(field)] ?? WRITERS.text)(value);
    mark(field, "");
  }
}

/** Return what the fields of *form* change in *object*, as a merge patch. */
export function patch(form, object) {
  const changes = {};
  for (const field of fieldsOf(form)) {
    const [value, old] = [read(field), at(object, field.name)];
    if (!same(value, old)) put(changes, field.name, merged(value, old));
  }
  return changes;
}

/** Return what all fields of *form* say now, also those that are empty. */
export function values(form) {
  const all = {};
  for (const field of fieldsOf(form)) put(all, field.name, read(field));
  return all;
}

/** Tell which fields are not right, beside each; the first one gets the focus. */
export function validate(form, further = {}) {
  let first = null;
  for (const field of fieldsOf(form)) {
    const problem = problemOf(field) || further[field.name]?.(field.value.trim()) || "";
    mark(field, problem);
    if (problem) first ??= field;
  }
  if (first) {
    first.closest("details")?.setAttribute("open", "");
    first.focus();
  }
  return first === null;
}

/** Show *problem* beside *field*; "" takes it away. */
export function mark(field, problem) {
  const place = field.closest(".field, label")?.querySelector(".error");
  field.setAttribute("aria-invalid", problem ? "true" : "false");
  if (place) place.textContent = problem;
}

/** Return what is wrong with an address, "" for nothing. */
function baseProblem(text) {
  if (text === "" || text.includes("$")) return "";
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:\/\//i.test(text)) return "Begins with http:// or https://";
  return url.username || url.password ? "Put the key into API key, not into the address" : "";
}

document.addEventListener("input", (event) => {
  if (event.target.getAttribute?.("aria-invalid") === "true") mark(event.target, "");
});

document.addEventListener("focusout", (event) => {
  if (event.target.dataset?.kind === "base") mark(event.target, baseProblem(event.target.value.trim()));
});

function fieldsOf(form) {
  return [...form.elements].filter((field) => field.name && field.type !== "submit" && !field.disabled);
}

function kindOf(field) {
  return field.dataset.kind ?? "text";
}

function read(field) {
  if (field.type === "checkbox") return field.checked;
  return (READERS[kindOf(field)] ?? READERS.text)(field.value);
}

/** Return what the browser finds wrong with *field*, "" for nothing. */
export function problemOf(field) {
  const state = field.validity;
  if (state.valueMissing) return "Needed";
  if (state.badInput) return "A number, please";
  if (state.rangeUnderflow) return `At least ${field.min}`;
  if (state.rangeOverflow) return `At most ${field.max}`;
  if (state.stepMismatch) return "A whole number, please";
  if (state.patternMismatch) return "Letters, digits, and . _ - after the first; 64 at most";
  if (kindOf(field) === "base") return baseProblem(field.value.trim());
  return "";
}

function at(object, path) {
  return path.split(".").reduce((value, key) => value?.[key], object);
}

function put(object, path, value) {
  const keys = path.split(".");
  const last = keys.pop();
  keys.reduce((inner, key) => (inner[key] ??= {}), object)[last] = value;
}

function same(value, old) {
  const empty = (x) => x === null || x === undefined || x === "";
  if (empty(value) && empty(old)) return true;
  return JSON.stringify(value) === JSON.stringify(old ?? (Array.isArray(value) ? [] : {}));
}

/** A patch keeps what it does not name: what is gone from an object is named as null. */
function merged(value, old) {
  if (value === "") return null;
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  const gone = Object.keys(old ?? {}).filter((key) => !(key in value));
  return { ...value, ...Object.fromEntries(gone.map((key) => [key, null])) };
}

function headersIn(text) {
  const lines = text.split("\n").filter((line) => line.trim());
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(":");
      return at < 0 ? [line.trim(), ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
}
