/** Emphasis, code and links inside a line of Markdown, as nodes. */

import { element } from "./dialogs.js";
import { visible } from "./visible.js";

const MARKS = [
  [/^\\([\\`*_{}[\]()#+.!|<>~-])/, ([, char]) => text(char)],
  [/^\*\*(?=\S)([\s\S]*?\S)\*\*/, ([, inner], depth, isLabel) => wrapped("strong", inline(inner, depth, isLabel))],
  [/^__(?=\S)([\s\S]*?\S)__(?!\w)/, ([, inner], depth, isLabel) => wrapped("strong", inline(inner, depth, isLabel))],
  [/^~~(?=\S)([\s\S]*?\S)~~/, ([, inner], depth, isLabel) => wrapped("del", inline(inner, depth, isLabel))],
  [/^\*(?=[^\s*])([\s\S]*?[^\s*])\*(?!\*)/, ([, inner], depth, isLabel) => wrapped("em", inline(inner, depth, isLabel))],
  [/^_(?=[^\s_])([\s\S]*?[^\s_])_(?!\w)/, ([, inner], depth, isLabel) => wrapped("em", inline(inner, depth, isLabel))],
  [/^ {2}\n/, () => document.createElement("br")],
];
const LINKS = [
  [/^!?\[([^[\]]*)\]\(\s*<?([^\s()<>]+)>?(?:\s+"[^"]*")?\s*\)/, ([all, label, url], depth) => link(url, label, inline(label, depth, true), all)],
  [/^<(https?:\/\/[^\s<>]+)>/, ([all, url]) => link(url, url, [text(url)], all)],
  [/^https?:\/\/[^\s<>()[\]"'`]*[\w/]/, ([url]) => link(url, url, [text(url)], url)],
];
const SPECIAL = /[\\`*_~[!<]|https?:| {2}\n/;
const DEEPEST = 6;
const REACH = 1000; // characters that a form may span: what a model writes must not stall the page

/** Return *source* as nodes; what is no Markdown stays as it is. In a label there are no links. */
export function inline(source, depth = 0, isLabel = false) {
  if (depth > DEEPEST) return [text(source)];
  const nodes = [];
  let plain = "";
  let rest = source;
  const flush = () => {
    if (plain) nodes.push(text(plain));
    plain = "";
  };
  while (rest) {
    const start = rest.search(SPECIAL);
    if (start < 0) {
      plain += rest;
      break;
    }
    plain += rest.slice(0, start);
    rest = rest.slice(start);
    const found = first(rest, depth, plain, isLabel);
    if (found) {
      flush();
      nodes.push(found.node);
    } else {
      plain += rest[0];
    }
    rest = rest.slice(found?.length ?? 1);
  }
  flush();
  return nodes;
}

/** Return the form that *rest* begins with; `snake_case` is no emphasis. */
function first(rest, depth, before, isLabel) {
  if (rest[0] === "_" && /\w$/.test(before)) return null;
  if (rest[0] === "`") return code(rest);
  const near = rest.slice(0, REACH);
  for (const [form, make] of isLabel ? MARKS : [...MARKS, ...LINKS]) {
    const match = form.exec(near);
    if (match) return { node: make(match, depth + 1, isLabel), length: match[0].length };
  }
  return null;
}

/** Code ends at as many backticks as it begins with; without an end they are text. */
function code(rest) {
  const marks = /^`+/.exec(rest)[0];
  let end = rest.indexOf(marks, marks.length);
  while (end >= 0 && (rest[end + marks.length] === "`" || rest[end - 1] === "`")) {
    end = rest.indexOf(marks, end + marks.length + 1);
  }
  if (end < 0) return { node: text(marks), length: marks.length };
  const inner = rest.slice(marks.length, end);
  const shown = /^ .* $/s.test(inner) && inner.trim() ? inner.slice(1, -1) : inner;
  return { node: wrapped("code", [text(shown)]), length: end + marks.length };
}

function text(content) {
  return document.createTextNode(visible(content));
}

function wrapped(name, nodes) {
  const made = document.createElement(name);
  made.append(...nodes);
  return made;
}

/** Make a link that opens apart; one that leads elsewhere than to the web stays text. */
function link(url, label, nodes, all) {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return text(all);
  const made = wrapped("a", nodes);
  Object.assign(made, { href: url, target: "_blank", rel: "noopener noreferrer nofollow", title: visible(url) });
  const { host, username } = new URL(url);
  if (!username && hostIn(label) === host) return made;
  return wrapped("span", [made, element("span", ` (${host})`, "host")]);
}

/** Return the host that *label* makes one expect. */
function hostIn(label) {
  return URL.canParse(label) ? new URL(label).host : label.trim().toLowerCase();
}
