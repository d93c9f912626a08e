/** What buttons and forms do: looked up by name, so that content may be replaced under them. */

import { ApiError } from "./api.js";
import { toast } from "./toast.js";

const clicks = new Map();
const submits = new Map();

/** Call *handler* with a clicked element that has `data-action="name"`. */
export function onClick(name, handler) {
  clicks.set(name, handler);
}

/** Call *handler* with a submitted form that has `data-form="name"`, and the button. */
export function onSubmit(name, handler) {
  submits.set(name, handler);
}

document.addEventListener("click", (event) => {
  const element = event.target.closest("[data-action]");
  const handler = element && clicks.get(element.dataset.action);
  if (handler) attempt(element, () => handler(element));
});

document.addEventListener("submit", (event) => {
  const handler = submits.get(event.target.dataset.form);
  if (!handler) return;
  event.preventDefault();
  attempt(event.submitter ?? event.target, () => handler(event.target, event.submitter));
});

/** Do *work* once at a time; what the server refuses is told. */
async function attempt(element, work) {
  if (element.getAttribute("aria-busy") === "true") return;
  element.setAttribute("aria-busy", "true");
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toast(error.message, "bad");
  } finally {
    element.removeAttribute("aria-busy");
  }
}
