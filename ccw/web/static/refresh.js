/** The content of this page as the server renders it now, put in place of the old. */

import { ApiError, reach } from "./api.js";

const KEPT = "[data-filters], .inline-editor:not([hidden])"; // what somebody has typed into

/** Replace content and dialogs; focus, filters and open editors stay as they are. */
export async function refresh() {
  const answer = await reach(location.pathname + location.search, { headers: { Accept: "text/html" } });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const [focused, key] = [document.activeElement, focusKey(document.activeElement)];
  for (const id of ["content", "dialogs"]) {
    const old = document.getElementById(id);
    const made = fresh.getElementById(id);
    if (!old || !made || old.querySelector("dialog[open]")) continue;
    for (const kept of old.querySelectorAll(KEPT)) keep(kept, made);
    old.replaceChildren(...made.childNodes);
  }
  document.dispatchEvent(new CustomEvent("content"));
  if (focused.isConnected) focused.focus({ preventScroll: true });
  else if (key) focusAgain(key);
}

/** Draw the page anew and return what *button* is now; ApiError where that is gone. */
export async function asDrawnNow(button) {
  const { action, id } = button.dataset;
  await refresh();
  const now = document.querySelector(selectorOf(action, id));
  if (now) return now;
  throw new ApiError(404, { error: { message: `${id} is gone already` } });
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
  if (action) return selectorOf(action, id);
  return element.id ? `#${CSS.escape(element.id)}` : null;
}

function selectorOf(action, id) {
  return `[data-action="${action}"]${id ? `[data-id="${CSS.escape(id)}"]` : ""}`;
}

/** Put *old* into the new content *made*, in place of what is the same there. */
function keep(old, made) {
  const { filters } = old.dataset;
  const fresh = made.querySelector(filters ? `[data-filters="${filters}"]` : `#${CSS.escape(old.id)}`);
  if (!fresh) return;
  made.querySelector(`[aria-controls="${old.id}"]`)?.setAttribute("aria-expanded", "true");
  for (const form of old.querySelectorAll("form")) takeTag(form, fresh.querySelector("form"));
  fresh.replaceWith(old);
}

/** Let *form* save over a change that left alone what the form was drawn with. */
function takeTag(form, fresh) {
  const drawn = ({ elements }) => [...elements].map(
    (field) => field.defaultValue + field.defaultChecked + [...(field.options ?? [])].map((option) => option.defaultSelected),
  );
  if (drawn(form).join() === drawn(fresh).join()) form.dataset.etag = fresh.dataset.etag;
}
