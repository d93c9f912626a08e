/** Dialogs: opening, closing, a question with its consequences, two versions side by side. */

import { onClick } from "./actions.js";
import { focusAgain, focusKey } from "./refresh.js";
import { visible } from "./visible.js";

onClick("close-dialog", (button) => button.closest("dialog").close());

/** Show a part of *root* by its name, or fill it with text. */
export function part(root, name) {
  return root.querySelector(`[data-part="${name}"]`);
}

/** Ask before something is gone; true for yes. */
export async function confirmed({ title, text = "", consequences = [], yes }) {
  const dialog = document.getElementById("confirm");
  document.getElementById("confirm-title").textContent = visible(title);
  part(dialog, "text").textContent = text;
  part(dialog, "yes").textContent = yes;
  part(dialog, "consequences").replaceChildren(...consequences.map((line) => element("li", line)));
  return (await answered(dialog)) === "yes";
}

/** Show what is saved and what was about to be; "theirs", "mine" or "" for neither. */
export async function resolved(current, yours) {
  const dialog = document.getElementById("conflict");
  const rows = differences(current, yours).map(([field, theirs, mine]) => {
    const row = element("tr");
    row.append(element("th", field), element("td", theirs), element("td", mine));
    row.firstChild.scope = "row";
    return row;
  });
  part(dialog, "rows").replaceChildren(...rows);
  return answered(dialog);
}

/** Make an element with text in it, as it is and not as its signs would turn it around. */
export function element(name, text = "", className = "") {
  const made = document.createElement(name);
  made.textContent = visible(text);
  if (className) made.className = className;
  return made;
}

/** Open *dialog* until it is closed; what opened it may have been replaced by then. */
function answered(dialog) {
  const opener = focusKey(document.activeElement);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    const closed = () => {
      if (opener && document.activeElement === document.body) focusAgain(opener);
      resolve(dialog.returnValue);
    };
    dialog.addEventListener("close", closed, { once: true });
  });
}

function differences(current, yours) {
  const [theirs, mine] = [flat(current), flat(yours ?? {})];
  const names = new Set([...Object.keys(theirs), ...Object.keys(mine)]);
  names.delete("updatedAt");
  return [...names]
    .filter((name) => theirs[name] !== mine[name])
    .map((name) => [name, theirs[name] ?? "—", mine[name] ?? "—"]);
}

function flat(value, prefix = "") {
  const found = {};
  for (const [key, item] of Object.entries(value ?? {})) {
    const name = prefix + key;
    if (item && typeof item === "object" && !Array.isArray(item)) {
      Object.assign(found, flat(item, `${name}.`));
    } else {
      found[name] = typeof item === "string" ? item : JSON.stringify(item);
    }
  }
  return found;
}
