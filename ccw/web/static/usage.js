/** Figures of a call as one line: tokens, what of them was cached, money, seconds. */

import { element } from "./dialogs.js";

const NUMBER = new Intl.NumberFormat("en");
const TWO = { minimumSignificantDigits: 2, maximumSignificantDigits: 2 };
const FIGURES = new Intl.NumberFormat("en", TWO);

/** Return *number* with its thousands set apart. */
export function counted(number) {
  return NUMBER.format(number);
}

/** Return *number* of *things*, one of which is no "things". */
export function several(number, thing) {
  return `${counted(number)} ${thing}${number === 1 ? "" : "s"}`;
}

/** Return an amount of USD; what is not known is said so. */
export function money(amount) {
  if (amount === null || amount === undefined) return "price unknown";
  if (amount === 0) return "$0";
  return amount < 0.995 ? `$${FIGURES.format(amount)}` : `$${amount.toFixed(2)}`;
}

/** Return an upper bound in USD, rounded up: what is shown is enough. */
export function atMost(amount) {
  const digits = amount < 1 ? TWO : { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return `$${new Intl.NumberFormat("en", { ...digits, roundingMode: "ceil" }).format(amount)}`;
}

/** Return *bytes* in the unit that suits them. */
export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  const kilo = bytes / 1024;
  return kilo < 1024 ? `${kilo.toFixed(kilo < 10 ? 1 : 0)} KB` : `${(kilo / 1024).toFixed(1)} MB`;
}

/** Return the parts of the closing line of a call that came to its end; *instead* tells of a fallback. */
export function usageLine(result, files, instead) {
  const parts = [element("strong", result.model)];
  const say = (text, className) => parts.push(element("span", text, className));
  if (instead) say(instead, "state warn");
  if (result.usage) sayTokens(result.usage, say);
  say(money(result.cost));
  if (result.saved > 0) say(`${money(result.saved)} saved`, "state ok");
  if (files?.files.length) sayFiles(result, files, say);
  say(`${(result.durationMs / 1000).toFixed(1)} s`);
  return parts;
}

function sayTokens({ input, cacheRead, cacheWrite5m, cacheWrite1h, output }, say) {
  const written = (cacheWrite5m ?? 0) + (cacheWrite1h ?? 0);
  say(`${counted(input + cacheRead + written)} tokens in`);
  if (cacheRead) say(`${counted(cacheRead)} from the provider's cache`, "state ok");
  if (written) say(`${counted(written)} written to it`);
  say(`${counted(output)} out`);
}

function sayFiles(result, { files, earlierCopies: { length } }, say) {
  say(`${several(files.length, "file")}${result.cacheHit ? " reused" : " packed"}`);
  if (length) say(`${counted(length)} earlier ${length === 1 ? "copy" : "copies"} sent along`);
}
