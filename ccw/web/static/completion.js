/** Paths offered while an `@` pattern is typed in a text field. */

import { ApiError, call } from "./api.js";
import { element } from "./dialogs.js";

const TYPED = /(?:^|[\s([{<"',;:|=`])@("[^"\n]*|'[^'\n]*|[^\s|"'`()*?!]*)$/;
const NEEDS_QUOTES = /[\s|"'`()]/;
const MOVES = new Set(["ArrowLeft", "ArrowRight", "Home", "End", "PageUp", "PageDown"]); // of the caret
const PAUSE = 120; // milliseconds

export class Completion {
  constructor(field, list) {
    this.field = field;
    this.list = list;
    this.active = -1;
    this.asking = null;
    this.timer = null;
    field.addEventListener("input", () => this.soon());
    field.addEventListener("click", () => this.close());
    field.addEventListener("blur", () => this.close());
    field.addEventListener("keydown", (event) => this.moved(event));
    list.addEventListener("mousedown", (event) => this.clicked(event));
  }

  /** What stands behind the `@` so far, a quote included; undefined where no path is typed. */
  get typed() {
    const before = this.field.value.slice(0, this.field.selectionStart);
    return TYPED.exec(before)?.[1];
  }

  soon() {
    clearTimeout(this.timer);
    this.asking?.abort();
    if (this.typed === undefined) this.close();
    else this.timer = setTimeout(() => this.offer(this.typed), PAUSE);
  }

  async offer(typed) {
    if (typed === undefined) return;
    const mine = (this.asking = new AbortController());
    try {
      const path = `/api/context/paths?prefix=${encodeURIComponent(typed.replace(/^["']/, ""))}`;
      const { data } = await call("GET", path, { signal: mine.signal });
      if (!mine.signal.aborted) this.show(data.paths);
    } catch (error) {
      if (error.name !== "AbortError" && !(error instanceof ApiError)) throw error;
      if (error.name !== "AbortError") this.close();
    }
  }

  show(paths) {
    if (!paths.length || document.activeElement !== this.field) return this.close();
    this.list.replaceChildren(...paths.map(option));
    this.list.hidden = false;
    this.activate(0);
  }

  close() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.list.hidden = true;
    this.active = -1;
    this.field.removeAttribute("aria-activedescendant");
  }

  moved(event) {
    if (this.list.hidden) return;
    if (MOVES.has(event.key)) return this.close();
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const many = this.list.children.length;
    if (step) this.activate((this.active + step + many) % many);
    else if (event.key === "Enter" || event.key === "Tab") this.take(this.list.children[this.active]);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
  }

  clicked(event) {
    event.preventDefault();
    const chosen = event.target.closest("[role=option]");
    if (chosen) this.take(chosen);
  }

  activate(index) {
    this.list.children[this.active]?.setAttribute("aria-selected", "false");
    this.active = index;
    const chosen = this.list.children[index];
    chosen.setAttribute("aria-selected", "true");
    chosen.scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", chosen.id);
  }

  take(chosen) {
    const { typed } = this;
    this.close();
    if (typed === undefined) return; // the caret has left the path
    const end = this.field.selectionStart;
    const [quote, path] = quoted(chosen.dataset.path, /^["']/.exec(typed)?.[0]);
    const rest = path.endsWith("/") ? "" : `${quote} `; // in a folder one goes on
    this.field.setRangeText(`${quote}${path}${rest}`, end - typed.length, end, "end");
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/** Return the quote that *path* needs, *begun* where that goes, and the path as it stands in it. */
function quoted(path, begun) {
  if (!begun && !NEEDS_QUOTES.test(path)) return ["", path];
  const free = [begun, '"', "'"].find((quote) => quote && !path.includes(quote));
  return free ? [free, path] : ['"', path.replaceAll('"', "?")];
}

function option({ path, folder }, index) {
  const item = element("li");
  item.id = `path-option-${index}`;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  item.dataset.path = path;
  item.append(element("code", path), element("span", folder ? "folder" : "", "quiet"));
  return item;
}
