/** Emphasis, code and links inside a line of Markdown, as nodes. */

const FORMS = [
  [/^\\([\\`*_{}[\]()#+.!|<>~-])/, ([, char]) => text(char)],
  [/^\*\*(?=\S)([\s\S]*?\S)\*\*/, ([, inner], depth) => wrapped("strong", inline(inner, depth))],
  [/^__(?=\S)([\s\S]*?\S)__(?!\w)/, ([, inner], depth) => wrapped("strong", inline(inner, depth))],
  [/^~~(?=\S)([\s\S]*?\S)~~/, ([, inner], depth) => wrapped("del", inline(inner, depth))],
  [/^\*(?=[^\s*])([\s\S]*?[^\s*])\*(?!\*)/, ([, inner], depth) => wrapped("em", inline(inner, depth))],
  [/^_(?=[^\s_])([\s\S]*?[^\s_])_(?!\w)/, ([, inner], depth) => wrapped("em", inline(inner, depth))],
  [/^!?\[([^[\]]*)\]\(\s*<?([^\s()<>]+)>?(?:\s+"[^"]*")?\s*\)/, ([all, label, url], depth) => link(url, inline(label, depth), all)],
  [/^<(https?:\/\/[^\s<>]+)>/, ([all, url]) => link(url, [text(url)], all)],
  [/^https?:\/\/[^\s<>()[\]"'`]*[\w/]/, ([url]) => link(url, [text(url)], url)],
  [/^ {2}\n/, () => document.createElement("br")],
];
const SPECIAL = /[\\`*_~[!<]|https?:| {2}\n/;
const DEEPEST = 6;
const REACH = 1000; // characters that a form may span: what a model writes must not stall the page

/** Return *source* as nodes; what is no Markdown stays as it is. */
export function inline(source, depth = 0) {
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
    const found = first(rest, depth, plain);
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
function first(rest, depth, before) {
  if (rest[0] === "_" && /\w$/.test(before)) return null;
  if (rest[0] === "`") return code(rest);
  const near = rest.slice(0, REACH);
  for (const [form, make] of FORMS) {
    const match = form.exec(near);
    if (match) return { node: make(match, depth + 1), length: match[0].length };
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
  return document.createTextNode(content);
}

function wrapped(name, nodes) {
  const made = document.createElement(name);
  made.append(...nodes);
  return made;
}

/** Make a link that opens apart; one that leads elsewhere than to the web stays text. */
function link(url, nodes, all) {
  if (!/^https?:\/\//i.test(url)) return text(all);
  const made = wrapped("a", nodes);
  Object.assign(made, { href: url, target: "_blank", rel: "noopener noreferrer nofollow" });
  return made;
}
