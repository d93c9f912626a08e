/** What a prompt would send, beside it: asked for a moment after the last change. */

import { ApiError, call } from "./api.js";
import { element, part } from "./dialogs.js";
import { atMost, counted, money, several, size } from "./usage.js";

const PAUSE = 400; // milliseconds without a change
const SHOWN = 200;

export class Preview {
  constructor(form, panel) {
    this.form = form;
    this.panel = panel;
    this.hint = [...part(panel, "preview").childNodes];
    this.timer = null;
    this.asking = null;
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.show(), PAUSE);
  }

  async show() {
    this.asking?.abort();
    const { prompt, model, cache } = this.form.elements;
    if (!prompt.value.trim()) return this.clear();
    if (!document.getElementById("path-options").hidden) return this.soon(); // a path is half typed
    const mine = (this.asking = new AbortController());
    const body = { prompt: prompt.value, endpointId: model.value, cache: cache.checked ? undefined : false };
    this.say("idle", "counting…");
    try {
      const { data } = await call("POST", "/api/context/preview", { body, signal: mine.signal });
      if (mine.signal.aborted) return;
      part(this.panel, "preview").replaceChildren(...described(data));
      this.say("", "");
    } catch (error) {
      if (error.name === "AbortError") return;
      if (!(error instanceof ApiError)) throw error;
      this.say("warn", "cannot be sent yet");
      part(this.panel, "preview").replaceChildren(element("p", error.message, "alert"));
    }
  }

  clear() {
    part(this.panel, "preview").replaceChildren(...this.hint);
    this.say("", "");
  }

  say(level, text) {
    const state = part(this.panel, "preview-state");
    state.className = text ? `state ${level}` : "";
    state.textContent = text;
  }
}

function described(data) {
  return [
    figures(data),
    ...share(data),
    ...files(data.files),
    ...earlierCopies(data.earlierCopies),
    ...leftOut(data.skippedFiles),
    ...marks(data),
    ...data.notes.filter((note) => !note.startsWith("left out: ")).map((note) => element("p", note, "note")),
  ];
}

function figures({ tokens, tokensExact, inputCost, costBound, totalBytes }) {
  const list = element("dl", "", "figures");
  const add = (name, value, more) => {
    const box = element("div");
    box.append(element("dt", name), element("dd", value));
    if (more) box.append(element("dd", more, "quiet"));
    list.append(box);
  };
  add("Tokens", `${tokensExact ? "" : "≈ "}${counted(tokens)}`, size(totalBytes));
  add("Input", money(inputCost), costBound === null ? "" : `at most ${atMost(costBound)} in all`);
  return list;
}

function share({ tokens, contextWindow }) {
  if (!contextWindow) return [element("p", "The model's context window is not known.", "quiet")];
  const percent = (100 * tokens) / contextWindow;
  const meter = document.createElement("meter");
  Object.assign(meter, { min: 0, max: 1, high: 0.8, optimum: 0, value: Math.min(1, percent / 100) });
  const text = `${percent < 1 ? "under 1" : Math.round(percent)} % of a window of ${counted(contextWindow)} tokens`;
  meter.setAttribute("aria-label", text);
  return [meter, element("p", text, "quiet")];
}

function files(all) {
  if (!all.length) return [element("p", "No files: the prompt goes out alone. Name some with @.", "quiet")];
  const table = element("table", "", "files");
  table.append(element("caption", several(all.length, "file")));
  for (const file of all.slice(0, SHOWN)) {
    const row = table.insertRow();
    const name = element("th");
    name.scope = "row";
    name.append(element("code", file.path));
    row.append(name, element("td", `${counted(file.tokens)} tokens`), element("td", size(file.bytes)));
  }
  if (all.length > SHOWN) table.insertRow().append(element("td", `and ${counted(all.length - SHOWN)} more`));
  return [table];
}

function earlierCopies(all) {
  return listed("Earlier copies sent along", all, ({ bytes }) => size(bytes));
}

function leftOut(all) {
  return listed("Left out", all, ({ reason }) => reason);
}

function listed(title, all, more) {
  if (!all.length) return [];
  const list = element("ul", "", "left-out");
  for (const file of all.slice(0, SHOWN)) {
    const item = element("li");
    item.append(element("code", file.path), element("span", ` ${more(file)}`, "quiet"));
    list.append(item);
  }
  return [element("h3", `${title}: ${all.length}`), list];
}

function marks({ cacheMarks, cacheUsed, cacheHit, sessionId, promptCacheKey }) {
  const lines = cacheMarks.map(({ offset, ttl }) => `Cache mark after ${size(offset)}, kept ${ttl}`);
  if (promptCacheKey) lines.push("Routed by a cache key, so that the provider finds the prefix again");
  if (cacheHit) lines.push(`Reused from the context cache: ${sessionId}`);
  else if (cacheUsed) lines.push("Goes into the context cache when it is asked");
  if (!lines.length) return [];
  const list = element("ul", "", "marks");
  list.append(...lines.map((line) => element("li", line)));
  return [element("h3", "Cache"), list];
}
