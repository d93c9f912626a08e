/** The page of the cache: open and release sessions, clear all, settings. */

import { onClick, onSubmit } from "./actions.js";
import { ROOT, call, pathOf } from "./api.js";
import { confirmed, element, part } from "./dialogs.js";
import { validate } from "./forms.js";
import { refresh } from "./refresh.js";
import { toast } from "./toast.js";
import { several, size } from "./usage.js";
import { visible } from "./visible.js";

let opened = null;

onClick("open-session", async ({ dataset }) => {
  const { data } = await call("GET", pathOf("cache/sessions", dataset.id));
  const dialog = document.getElementById("session-dialog");
  document.getElementById("session-dialog-title").textContent = data.sessionId;
  part(dialog, "about").textContent = visible(`${size(data.totalBytes)} packed for ${data.patterns.join(" ")}`);
  part(dialog, "files-title").textContent = `${several(data.files.length, "file")}, in the order of the pack`;
  part(dialog, "files").replaceChildren(...data.files.map(fileItem));
  part(dialog, "text").replaceChildren();
  show(dialog, data);
  dialog.showModal();
});

onClick("read-more", async (button) => {
  const path = `${pathOf("cache/sessions", opened.sessionId)}?offset=${opened.nextOffset}`;
  show(button.closest("dialog"), (await call("GET", path)).data);
});

onClick("release-session", async ({ dataset }) => {
  const yes = await confirmed({
    title: `Release ${dataset.id}?`,
    text: "Its files are packed anew when they are asked about again.",
    yes: "Release",
  });
  if (!yes) return;
  await call("DELETE", pathOf("cache/sessions", dataset.id));
  toast(`Released ${dataset.id}`);
  await refresh();
});

onClick("clear-cache", async ({ dataset }) => {
  const { entries, foreign } = dataset;
  const consequences = foreign === "0" ? [] : [`also removes ${foreign} of other projects, which share the folder`];
  const yes = await confirmed({
    title: `Clear ${several(Number(entries), "session")}?`,
    text: "Files are packed anew when they are asked about again. What the providers keep stays.",
    consequences,
    yes: "Clear all",
  });
  if (!yes) return;
  const { data } = await call("POST", `${ROOT}/cache/clear`);
  toast(`Removed ${several(data.removed, "session")}`);
  await refresh();
});

onSubmit("cache-settings", async (form) => {
  if (!validate(form)) return;
  const body = { enabled: form.elements.enabled.checked, maxTotalSizeMB: Number(form.elements.maxTotalSizeMB.value) };
  await call("PUT", `${ROOT}/config/cache`, { body });
  toast("Settings saved");
  await refresh();
});

function show(dialog, piece) {
  opened = piece;
  part(dialog, "text").append(document.createTextNode(visible(piece.content)));
  const more = part(dialog, "more");
  more.hidden = !piece.hasMore;
  more.textContent = `Show more (${size(piece.totalBytes - (piece.nextOffset ?? 0))} left)`;
}

function fileItem(path) {
  const item = element("li");
  item.append(element("code", path));
  return item;
}
