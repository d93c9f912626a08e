/** The page of the models: a list for each provider, shown when its gateway has answered. */

import { onClick } from "./actions.js";
import { ApiError, call, pathOf } from "./api.js";
import { element, part } from "./dialogs.js";
import { windowOf } from "./model-picker.js";
import { relative } from "./times.js";
import { several } from "./usage.js";

const SHOWN = 100;
const LABELS = ["Vendor", "Window", "Input", "Cached", "Output"]; // on a phone, where no head is
const SOURCES = { "built-in": "built in: litellm's own list" };
const COLLATOR = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
const lists = new Map();

/** The models of one provider: what of them is shown depends on filter and order. */
class ModelTable {
  constructor(section) {
    this.section = section;
    this.models = [];
    this.key = null;
    this.down = false;
    this.most = SHOWN;
    for (const cell of section.querySelectorAll("th[data-key]")) this.makeSorter(cell);
  }

  async load(refresh) {
    this.say("idle", "asking…");
    try {
      const path = `${pathOf("providers", this.section.dataset.models)}/models`;
      const { data } = await call("GET", `${path}${refresh ? "?refresh=true" : ""}`);
      this.models = data.models;
      this.told(data);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.say("bad", "not listed");
      this.fail(error.message);
    }
    this.show();
  }

  told({ source, fetchedAt, stale, error }) {
    const age = fetchedAt ? relative(momentOf(fetchedAt)) : "";
    const where = SOURCES[source] ?? (age && `asked ${age}`);
    const many = several(this.models.length, "model");
    this.say(stale || error ? "warn" : "ok", [many, stale ? `old: ${where}` : where].filter(Boolean).join(", "));
    this.fail(error ?? "");
  }

  show() {
    const found = this.matching();
    this.shown = found.length;
    part(this.section, "list-box").hidden = found.length === 0;
    this.section.querySelector("tbody").replaceChildren(...found.slice(0, this.most).map(row));
    const more = part(this.section, "list-more");
    more.hidden = found.length <= this.most;
    more.textContent = `Show ${Math.min(SHOWN, found.length - this.most)} more of ${found.length}`;
    count();
  }

  matching() {
    const words = filterField().value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = this.models.filter(({ id, name, provider }) => {
      const text = `${id} ${name} ${provider}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
    if (this.key) found.sort((a, b) => compared(a[this.key], b[this.key], this.down));
    return found;
  }

  makeSorter(cell) {
    const button = element("button", cell.textContent, "sorter");
    button.type = "button";
    button.addEventListener("click", () => this.sort(cell));
    cell.replaceChildren(button);
  }

  sort(cell) {
    this.down = this.key === cell.dataset.key && !this.down;
    this.key = cell.dataset.key;
    for (const other of this.section.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
    cell.setAttribute("aria-sort", this.down ? "descending" : "ascending");
    this.show();
  }

  say(level, text) {
    const state = part(this.section, "list-state");
    state.className = `state ${level}`;
    state.textContent = text;
  }

  fail(text) {
    const place = part(this.section, "list-error");
    place.textContent = text;
    place.hidden = !text;
  }
}

onClick("refresh-list", ({ dataset }) => lists.get(dataset.id).load(true));
onClick("refresh-models", () => Promise.all([...lists.values()].map((list) => list.load(true))));
onClick("more-models", (button) => {
  const list = lists.get(button.closest("[data-models]").dataset.models);
  list.most += SHOWN;
  list.show();
});

document.addEventListener("input", (event) => {
  if (event.target === filterField()) for (const list of lists.values()) list.show();
});

for (const section of document.querySelectorAll("[data-models]")) {
  lists.set(section.dataset.models, new ModelTable(section));
}
for (const list of lists.values()) list.load(false);

function filterField() {
  return part(document, "model-filter");
}

function count() {
  const all = [...lists.values()];
  const shown = all.reduce((sum, list) => sum + (list.shown ?? 0), 0);
  const known = all.reduce((sum, list) => sum + list.models.length, 0);
  part(document, "model-count").textContent = filterField().value ? `${shown} of ${known} models` : "";
}

function row(model) {
  const made = element("tr");
  const name = element("th");
  name.scope = "row";
  name.append(element("code", model.id));
  if (model.name && model.name !== model.id) name.append(element("p", model.name, "quiet"));
  if (model.purpose && model.purpose !== "chat") name.append(" ", element("span", model.purpose, "tag"));
  const window = model.contextWindow ? windowOf(model) : "";
  const prices = ["inputCostPerMillion", "cacheReadCostPerMillion", "outputCostPerMillion"];
  const figures = [window, ...prices.map((key) => price(model[key]))].map(figure);
  made.append(name, element("td", model.provider ?? ""), ...figures);
  [...made.querySelectorAll("td")].forEach((cell, column) => (cell.dataset.label = LABELS[column]));
  return made;
}

function figure(text) {
  return element("td", text || "—", text ? "number" : "number quiet");
}

function price(amount) {
  if (amount === null || amount === undefined) return "";
  return `$${amount.toLocaleString("en", { maximumFractionDigits: 4, minimumFractionDigits: amount % 1 ? 2 : 0 })}`;
}

/** Compare two values; what is unknown comes last in both ways. */
function compared(a, b, down) {
  const [noA, noB] = [a === null || a === undefined, b === null || b === undefined];
  if (noA || noB) return noA - noB;
  const order = typeof a === "number" ? a - b : COLLATOR.compare(a, b);
  return down ? -order : order;
}

/** Moments come as ISO 8601 or in seconds since 1970. */
function momentOf(when) {
  return typeof when === "number" ? new Date(when * 1000).toISOString() : when;
}
