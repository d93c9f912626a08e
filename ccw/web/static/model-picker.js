/** A list of models to search in; an id that it does not have can be typed. */

import { element, part } from "./dialogs.js";

const SHOWN = 100;

export class ModelPicker {
  /** Pick a model in *form*; *chosen* is called with each id that is picked or typed. */
  constructor(form, chosen) {
    this.field = form.elements.model;
    this.list = part(form, "options");
    this.hint = part(form, "model-hint");
    this.chosen = chosen;
    this.models = [];
    this.active = -1;
    this.field.oninput = () => this.typed();
    this.field.onkeydown = (event) => this.moved(event);
    this.list.onclick = (event) => this.pick(event.target.closest("[role=option]"));
    this.offer([], "");
  }

  /** Offer *models*, ids or objects with an id. */
  offer(models, hint) {
    this.models = models.map((model) => (typeof model === "string" ? { id: model } : model));
    this.say = hint;
    this.filter("");
  }

  typed() {
    this.filter(this.field.value);
    this.chosen(this.field.value.trim());
  }

  filter(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const found = this.models.filter(({ id, name }) =>
      words.every((word) => `${id} ${name ?? ""}`.toLowerCase().includes(word)),
    );
    this.list.replaceChildren(...found.slice(0, SHOWN).map(option));
    this.list.hidden = found.length === 0;
    this.field.setAttribute("aria-expanded", String(found.length > 0));
    this.activate(-1);
    this.hint.textContent = this.say || counted(found.length, this.models.length);
  }

  moved(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const options = this.list.children;
    if (step && options.length) {
      event.preventDefault();
      this.activate((this.active + step + options.length) % options.length);
    } else if (event.key === "Enter" && this.active >= 0) {
      event.preventDefault();
      this.pick(options[this.active]);
    }
  }

  activate(index) {
    for (const other of this.list.children) other.setAttribute("aria-selected", "false");
    this.active = index;
    const option = this.list.children[index];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.field.setAttribute("aria-activedescendant", option.id);
    else this.field.removeAttribute("aria-activedescendant");
  }

  pick(option) {
    if (!option) return;
    this.field.value = option.dataset.id;
    this.activate(-1); // so that Enter goes on
    option.setAttribute("aria-selected", "true");
    this.chosen(option.dataset.id);
    this.field.focus();
  }
}

function option(model, index) {
  const item = element("li");
  item.id = `model-option-${index}`;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  item.dataset.id = model.id;
  item.append(element("code", model.id));
  if (model.contextWindow) item.append(element("span", windowOf(model), "quiet"));
  return item;
}

/** Return a context window in thousands of tokens; an estimate is marked. */
export function windowOf({ contextWindow, contextWindowEstimated }) {
  return `${contextWindowEstimated ? "≈ " : ""}${Math.round(contextWindow / 1000).toLocaleString("en")} k`;
}

function counted(found, all) {
  if (!all) return "";
  if (!found) return "None like this: it is taken as typed.";
  const more = found > SHOWN ? `, the first ${SHOWN} shown` : "";
  return found === all ? `${all} to choose from${more}` : `${found} of ${all}${more}`;
}
