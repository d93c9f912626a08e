/** The playground: ask, watch the answer come, stop it, ask again. */

import { onClick, onSubmit } from "./actions.js";
import { ApiError } from "./api.js";
import { Completion } from "./completion.js";
import { element, part } from "./dialogs.js";
import { validate } from "./forms.js";
import { render } from "./markdown.js";
import { Preview } from "./preview.js";
import { asked } from "./stream.js";
import { toast } from "./toast.js";
import { usageLine } from "./usage.js";
import { visible } from "./visible.js";

const KEPT = 20;
const DRAW_EVERY = 80; // milliseconds
const form = document.querySelector("form.ask");
let running = null;

if (form) {
  const preview = new Preview(form, document.querySelector(".preview"));
  new Completion(form.elements.prompt, document.getElementById("path-options"));
  form.addEventListener("input", () => preview.soon());
  form.addEventListener("change", () => preview.soon());
  form.elements.prompt.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  window.addEventListener("pageshow", () => preview.soon()); // a browser puts back what was typed
}

onSubmit("ask", () => {
  if (!running && validate(form)) ask(question(form));
});

onClick("stop", () => running?.abort());
onClick("repeat", (button) => {
  if (!running) ask(button.closest(".answer").asked);
});
onClick("copy", async (button) => {
  await navigator.clipboard.writeText(button.closest(".answer").text);
  toast("Copied");
});

/** Return what the form asks, under the names of the API. */
export function question(form) {
  const { prompt, model, cache } = form.elements;
  return { prompt: prompt.value, model: model.value, ...(cache.checked ? {} : { cache: false }) };
}

async function ask(body) {
  const answer = added(body);
  running = new AbortController();
  busy(true);
  const drawing = new Drawing(answer);
  try {
    await asked(body, running.signal, (name, data) => drawing.take(name, data));
  } catch (error) {
    if (error.name === "AbortError") drawing.stop();
    else if (error instanceof ApiError) drawing.end(error.message, "bad");
    else throw error;
  } finally {
    running = null;
    busy(false);
    drawing.draw();
  }
}

function busy(is) {
  document.querySelector('[data-action="stop"]').hidden = !is;
  const button = part(form, "ask");
  button.disabled = is;
  button.textContent = is ? "Asking…" : "Ask";
  for (const other of document.querySelectorAll('[data-action="repeat"]')) other.disabled = is;
}

function added(body) {
  const answer = document.getElementById("answer").content.cloneNode(true).firstElementChild;
  answer.asked = body;
  answer.text = "";
  answer.querySelector(".question").textContent = `${body.model}: ${body.prompt}`;
  answer.querySelector('[data-action="copy"]').hidden = !navigator.clipboard; // as without HTTPS
  const list = document.querySelector(".answers");
  list.prepend(answer);
  while (list.children.length > KEPT) list.lastElementChild.remove();
  answer.setAttribute("aria-busy", "true");
  answer.scrollIntoView({ block: "nearest" });
  return answer;
}

/** One answer as it grows. */
class Drawing {
  constructor(answer) {
    this.answer = answer;
    this.waiting = null;
    this.took = 0;
    this.files = null;
    this.usage = null;
    this.say("Waiting for the model…");
  }

  take(name, data) {
    if (name === "files") this.files = data;
    else if (name === "delta") this.grow(data.text);
    else if (name === "usage") this.usage = data;
    else if (name === "done") this.finish(data);
    else if (name === "error") this.fail(data);
  }

  grow(text) {
    this.answer.text += text;
    this.waiting ??= setTimeout(() => this.draw(), DRAW_EVERY + 4 * this.took);
  }

  draw() {
    clearTimeout(this.waiting);
    this.waiting = null;
    const began = performance.now();
    render(part(this.answer, "text"), this.answer.text);
    this.took = performance.now() - began; // a long answer is drawn less often
  }

  /** Say why there is no answer; with fallbacks, why of each endpoint. */
  fail({ error, attempts, notes }) {
    const earlier = attempts.slice(0, -1).map((one) => `${one.endpoint}: ${one.message}`);
    this.note([...notes, ...earlier]);
    this.end(error.message, "bad");
  }

  note(notes) {
    part(this.answer, "notes").replaceChildren(...notes.map((note) => element("p", note, "note")));
  }

  finish(result) {
    this.answer.text = result.output ?? this.answer.text;
    this.note(result.notes ?? []);
    part(this.answer, "usage").replaceChildren(...usageLine(result, this.files, this.instead(result)));
    this.answer.removeAttribute("aria-busy");
  }

  /** Say which endpoint answered where it is not the one that was asked, and why. */
  instead({ endpoint, attempts }) {
    if (!endpoint || endpoint === this.answer.asked.model) return "";
    const { reasons, otherwise } = document.querySelector(".answers").dataset;
    const why = ({ errorType, provider }) =>
      (JSON.parse(reasons)[errorType] ?? otherwise).replace("{}", () => provider);
    return `via ${endpoint} (fallback${attempts.length ? `: ${why(attempts[0])}` : ""})`;
  }

  stop() {
    this.end(this.answer.text ? "Stopped. What had arrived is above." : "Stopped before anything arrived.");
  }

  end(message, level = "") {
    const failure = part(this.answer, "failure");
    if (level === "bad") {
      failure.textContent = visible(message);
      failure.hidden = false;
      this.say("");
    } else {
      this.say(message);
    }
    this.answer.removeAttribute("aria-busy");
  }

  say(text) {
    part(this.answer, "usage").textContent = text;
  }
}
