/** Tables that sort by a click on a heading, and lists that a field filters. */

import { onContent } from "./refresh.js";

const orders = new Map(); // of tables by their id, which are drawn anew
const COLLATOR = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

onContent(() => {
  document.querySelectorAll("table[data-sortable]").forEach(makeSortable);
  document.querySelectorAll("[data-filters]").forEach(filter);
});

document.addEventListener("input", (event) => {
  if (event.target.dataset?.filters) filter(event.target);
});

function makeSortable(table) {
  [...table.tHead.rows[0].cells].forEach((cell, column) => {
    if ("unsorted" in cell.dataset || cell.querySelector(".sorter")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sorter";
    button.append(...cell.childNodes);
    button.addEventListener("click", () => {
      orders.set(table.id, { column, down: cell.getAttribute("aria-sort") === "ascending" });
      sort(table, orders.get(table.id));
    });
    cell.append(button);
  });
  if (orders.has(table.id)) sort(table, orders.get(table.id));
}

function sort(table, { column, down }) {
  const cell = table.tHead.rows[0].cells[column];
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  cell.setAttribute("aria-sort", down ? "descending" : "ascending");
  const body = table.tBodies[0];
  const rows = [...body.rows].filter((row) => !row.dataset.belongs);
  const keyed = rows.map((row) => [keyOf(row.cells[column]), row]);
  keyed.sort(([a], [b]) => (down ? -1 : 1) * compared(a, b));
  for (const [, row] of keyed) body.append(row, ...followers(body, row));
}

function keyOf(cell) {
  return cell.dataset.sort ?? cell.textContent.trim();
}

/** Compare numbers as numbers; what has no value comes last in both ways. */
function compared(a, b) {
  if (a === "" || b === "") return (a === "") - (b === "");
  const [x, y] = [Number(a), Number(b)];
  return Number.isNaN(x) || Number.isNaN(y) ? COLLATOR.compare(a, b) : x - y;
}

function followers(body, row) {
  return row.id ? body.querySelectorAll(`[data-belongs="${CSS.escape(row.id)}"]`) : [];
}

function filter(field) {
  const list = document.getElementById(field.dataset.filters);
  if (!list) return;
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  const all = [...(list.tBodies ? list.tBodies[0].rows : list.children)];
  const items = all.filter((item) => !item.dataset.belongs);
  for (const item of items) {
    const text = item.textContent.toLowerCase();
    item.hidden = !words.every((word) => text.includes(word));
  }
  const shown = items.filter((item) => !item.hidden).length;
  const none = document.querySelector(`[data-none="${list.id}"]`);
  if (none) none.hidden = shown > 0;
  const count = document.querySelector(`[data-count="${list.id}"]`);
  if (count) count.textContent = words.length ? `${shown} of ${items.length}` : "";
}
