/** Markdown to elements: text stays text, whatever a model writes. No HTML, no images, no scripts. */

import { inline } from "./markdown-inline.js";
import { visible } from "./visible.js";

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([\w+#.-]*)/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*)$/;
const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^(\s*)(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/;
const DIVIDER = /^\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?$/;
const DEEPEST = 8; // of quotes and lists in each other

/** Replace what is in *place* by *text* as Markdown. */
export function render(place, text) {
  place.replaceChildren(...blocks(text.replaceAll("\r\n", "\n").split("\n"), 0));
}

function blocks(lines, depth) {
  const made = [];
  let at = 0;
  while (at < lines.length) {
    const [node, next] = block(lines, at, depth);
    if (node) made.push(node);
    at = next;
  }
  return made;
}

function block(lines, at, depth) {
  const line = lines[at];
  if (!line.trim()) return [null, at + 1];
  if (FENCE.test(line)) return code(lines, at);
  if (HEADING.test(line)) return heading(line, at);
  if (RULE.test(line)) return [document.createElement("hr"), at + 1];
  if (depth < DEEPEST && QUOTE.test(line)) return quote(lines, at, depth);
  if (depth < DEEPEST && ITEM.test(line)) return list(lines, at, depth);
  if (line.includes("|") && DIVIDER.test((lines[at + 1] ?? "").trim())) return table(lines, at);
  return paragraph(lines, at);
}

function code(lines, at) {
  const [, marks, language] = FENCE.exec(lines[at]);
  let end = at + 1;
  while (end < lines.length && !closes(lines[end], marks)) end += 1;
  const pre = document.createElement("pre");
  const inner = document.createElement("code");
  inner.textContent = visible(lines.slice(at + 1, end).join("\n"));
  if (language) pre.dataset.language = language;
  pre.tabIndex = 0;
  pre.append(inner);
  return [pre, end + 1];
}

function closes(line, marks) {
  const text = line.trim();
  return text.length >= marks.length && text === marks[0].repeat(text.length);
}

function heading(line, at) {
  const [, marks, text] = HEADING.exec(line);
  const made = document.createElement(`h${Math.min(6, marks.length + 2)}`);
  made.append(...inline(text.trim().replace(/\s#+$/, "").trim()));
  return [made, at + 1];
}

function quote(lines, at, depth) {
  let end = at;
  while (end < lines.length && QUOTE.test(lines[end])) end += 1;
  const made = document.createElement("blockquote");
  made.append(...blocks(lines.slice(at, end).map((line) => line.replace(QUOTE, "")), depth + 1));
  return [made, end];
}

function list(lines, at, depth) {
  const [, indent, number] = ITEM.exec(lines[at]);
  const made = document.createElement(number === undefined ? "ul" : "ol");
  if (number && number !== "1") made.start = Number(number);
  while (at < lines.length) {
    const match = ITEM.exec(lines[at]);
    if (!match || match[1].length > indent.length + 1 || (match[2] === undefined) !== (number === undefined)) break;
    if (match[1].length < indent.length) break;
    const inner = [match[3]];
    for (at += 1; at < lines.length && belongs(lines, at, indent.length); at += 1) {
      inner.push(lines[at].slice(Math.min(indent.length + 2, lines[at].search(/\S|$/))));
    }
    const item = document.createElement("li");
    item.append(...tight(blocks(inner, depth + 1)));
    made.append(item);
  }
  return [made, at];
}

/** Tell whether a line goes on with an item whose mark stands at *indent*. */
function belongs(lines, at, indent) {
  const line = lines[at];
  if (!line.trim()) return /^\s/.test(lines[at + 1] ?? "") && lines[at + 1].search(/\S/) > indent;
  if (line.search(/\S/) > indent + 1) return true;
  const opens = [ITEM, HEADING, FENCE, RULE, QUOTE].some((form) => form.test(line));
  return !opens && Boolean(lines[at - 1].trim());
}

/** An item of one paragraph is its text alone. */
function tight(nodes) {
  return nodes[0]?.tagName === "P" ? [...nodes[0].childNodes, ...nodes.slice(1)] : nodes;
}

function table(lines, at) {
  const made = document.createElement("table");
  const sides = cells(lines[at + 1]).map((cell) => (cell.endsWith(":") ? (cell.startsWith(":") ? "center" : "right") : ""));
  const add = (section, line, name) => {
    const row = section.insertRow();
    cells(line).slice(0, sides.length).forEach((text, column) => {
      const cell = document.createElement(name);
      if (sides[column]) cell.className = sides[column];
      cell.append(...inline(text));
      row.append(cell);
    });
  };
  add(made.createTHead(), lines[at], "th");
  let end = at + 2;
  for (; end < lines.length && lines[end].includes("|"); end += 1) add(made.tBodies[0] ?? made.createTBody(), lines[end], "td");
  const box = document.createElement("div");
  box.className = "table-box";
  box.tabIndex = 0;
  box.append(made);
  return [box, end];
}

function cells(line) {
  return line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function paragraph(lines, at) {
  let end = at + 1;
  while (end < lines.length && lines[end].trim() && ![FENCE, HEADING, RULE, QUOTE, ITEM].some((form) => form.test(lines[end]))) end += 1;
  const made = document.createElement("p");
  made.append(...inline(lines.slice(at, end).join("\n")));
  return [made, end];
}
