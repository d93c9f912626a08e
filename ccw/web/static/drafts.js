/** What was typed into a dialog is not thrown away unasked, by Esc or by leaving the page. */

import { confirmed } from "./dialogs.js";

const QUESTION = { title: "Discard what you typed?", text: "None of it is saved.", yes: "Discard" };

document.addEventListener("input", (event) => {
  const dialog = event.target.closest("dialog");
  if (dialog) dialog.dataset.draft = "";
});

document.addEventListener("cancel", ask, { capture: true });

document.addEventListener("close", (event) => delete event.target.dataset.draft, { capture: true });

window.addEventListener("beforeunload", (event) => {
  if (document.querySelector("dialog[open][data-draft]")) event.preventDefault();
});

/** Keep a dialog open until the question is answered; a file chooser is cancelled without one. */
async function ask(event) {
  const dialog = event.target;
  if (dialog.dataset.draft === undefined) return;
  event.preventDefault();
  if (await confirmed(QUESTION)) dialog.close();
}
