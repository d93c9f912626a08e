/** Moments as people say them: "3 minutes ago", "in 12 minutes". */

import { onContent } from "./refresh.js";

const WORDS = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const UNITS = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];

/** Return how far *iso* is from now, in words. */
export function relative(iso) {
  const seconds = (Date.parse(iso) - Date.now()) / 1000;
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  return Math.abs(seconds) < 10 ? "just now" : WORDS.format(Math.round(seconds / size), unit);
}

/** Return how long until *iso*: "12 min". */
export function left(iso) {
  const minutes = (Date.parse(iso) - Date.now()) / 60000;
  if (minutes <= 0) return "expired";
  if (minutes < 1) return "less than a minute";
  return minutes < 90 ? `${Math.round(minutes)} min` : `${Math.round(minutes / 60)} h`;
}

function say() {
  for (const place of document.querySelectorAll("time[data-time]")) {
    const iso = place.dateTime;
    place.textContent = place.dataset.time === "left" ? left(iso) : relative(iso);
    place.title = new Date(iso).toLocaleString();
  }
}

onContent(say);
setInterval(say, 20000);
