/** Short messages in a corner, read out by screen readers. */

import { visible } from "./visible.js";

const SECONDS = { ok: 5, warn: 12, bad: 12 };

/** Show *text*; those that "warn" and "bad" ones stay longer. */
export function toast(text, kind = "ok") {
  const box = document.createElement("div");
  box.className = `toast ${kind}`;
  const words = document.createElement("p");
  words.textContent = visible(text);
  box.append(words);
  raise(document.getElementById("toasts")).append(box);
  setTimeout(() => box.remove(), SECONDS[kind] * 1000);
}

/** Put *place* above whatever dialog is open. */
function raise(place) {
  if (place.matches(":popover-open")) place.hidePopover();
  place.showPopover();
  return place;
}
