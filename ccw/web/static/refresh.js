/** The content of this page as the server renders it now, put in place of the old. */

import { reach } from "./api.js";

/** Replace content and dialogs; the focus stays where it was, if that is still there. */
export async function refresh() {
  const answer = await reach(location.pathname + location.search, { headers: { Accept: "text/html" } });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const focused = focusKey(document.activeElement);
  for (const id of ["content", "dialogs"]) {
    const old = document.getElementById(id);
    const made = fresh.getElementById(id);
    if (old && made && !old.querySelector("dialog[open]")) old.replaceChildren(...made.childNodes);
  }
  document.dispatchEvent(new CustomEvent("content"));
  if (focused) focusAgain(focused);
}

/** Give the focus to what *key* stands for, else to the content it was in. */
export function focusAgain(key) {
  (document.querySelector(key) ?? document.getElementById("content")).focus();
}

/** Call *enhance* now and whenever the content is new. */
export function onContent(enhance) {
  document.addEventListener("content", enhance);
  enhance();
}

/** Return how to find *element* again when the content is new, null for one elsewhere. */
export function focusKey(element) {
  if (!element?.closest("#content")) return null;
  const { action, id } = element.dataset;
  if (action) return `[data-action="${action}"]${id ? `[data-id="${CSS.escape(id)}"]` : ""}`;
  return element.id ? `#${CSS.escape(element.id)}` : null;
}
