/** The page of the endpoints: add, edit, default, cache strategy in place, delete. */

import { onClick, onSubmit } from "./actions.js";
import { ApiError, ROOT, call, pathOf } from "./api.js";
import { confirmed, element, part } from "./dialogs.js";
import { fill, mark, patch, validate, values } from "./forms.js";
import { asDrawnNow, refresh } from "./refresh.js";
import { add, save } from "./saving.js";
import { toast } from "./toast.js";

const NEW = { purpose: "chat", fallbacks: [] };
let edited = { object: NEW, etag: null, query: "" };

onClick("add-endpoint", () => {
  edited = { object: NEW, etag: null, query: "" };
  show("Add endpoint");
});

onClick("edit-endpoint", async ({ dataset }) => {
  const { data, etag } = await call("GET", pathOf("endpoints", dataset.id));
  edited = { object: data, etag, query: dataset.query };
  show(`Edit ${data.id}`);
});

onClick("toggle-endpoint", async (button) => {
  const { id, etag, query } = button.dataset;
  const enabled = button.getAttribute("aria-checked") !== "true";
  const done = await save("PUT", pathOf("endpoints", id) + query, { body: { enabled }, etag });
  if (done) toast(`${id} ${enabled ? "enabled" : "disabled"}`);
  await refresh();
});

onClick("make-default", async ({ dataset }) => {
  await call("PUT", `${ROOT}/config/default-endpoint`, { body: { defaultEndpoint: dataset.id } });
  toast(`${dataset.id} is the default now`);
  await refresh();
});

onClick("delete-endpoint", async (button) => {
  const { id, etag, query, usedBy, defaultMoves } = (await asDrawnNow(button)).dataset;
  const users = usedBy.split(" ").filter(Boolean);
  const consequences = users.length ? [`no longer a fallback of ${users.join(", ")}`] : [];
  if (defaultMoves) consequences.push(defaultMoves);
  if (!(await confirmed({ title: `Delete ${id}?`, consequences, yes: "Delete endpoint" }))) return;
  const gone = await save("DELETE", pathOf("endpoints", id) + query, { etag });
  if (gone) toast(gone.defaultEndpoint ? `Deleted ${id}; the default is ${gone.defaultEndpoint}` : `Deleted ${id}`);
  await refresh();
});

onClick("edit-cache", (button) => {
  const row = document.getElementById(`c-${button.dataset.for}`);
  row.hidden = !row.hidden;
  button.setAttribute("aria-expanded", String(!row.hidden));
  if (!row.hidden) row.querySelector("input").focus();
});

onClick("close-cache", (button) => {
  const opener = document.querySelector(`[aria-controls="c-${CSS.escape(button.dataset.for)}"]`);
  button.form.reset();
  opener.click();
  opener.focus();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing) return;
  event.target.closest?.(".inline-editor")?.querySelector("[data-action='close-cache']").click();
});

onSubmit("cache-strategy", async (form) => {
  const { id, etag, query } = form.dataset;
  const alert = part(form, "alert");
  alert.textContent = "";
  if (!validate(form)) {
    alert.textContent = "Both numbers have to be over 0.";
    return;
  }
  try {
    const done = await save("PUT", pathOf("endpoints", id) + query, { body: values(form), etag });
    if (done) toast(`Cache strategy of ${id} saved`);
    form.closest("tr").hidden = true; // so that it is drawn anew
    await refresh();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    alert.textContent = error.message;
  }
});

onSubmit("endpoint", async (form) => {
  const alert = part(form, "alert");
  alert.hidden = true;
  if (!validate(form)) return;
  const body = patch(form, edited.object);
  const fallbacks = fallbacksOf(form);
  if (body.name === null) body.name = edited.object.id;
  if (fallbacks.join() !== (edited.object.fallbacks ?? []).join()) body.fallbacks = fallbacks;
  try {
    await stored(body);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    alert.textContent = error.message;
    alert.hidden = false;
    if (error.status === 409) mark(form.elements.id, error.message);
    return;
  }
  form.closest("dialog").close();
  await refresh();
});

onClick("add-fallback", (button) => {
  const form = button.closest("form");
  const id = part(form, "fallback-choice").value;
  if (id) showFallbacks(form, [...fallbacksOf(form), id]);
});

onClick("remove-fallback", (button) => {
  const [form, item] = [button.closest("form"), button.closest("li")];
  item.remove();
  showFallbacks(form, fallbacksOf(form));
  form.querySelector("[data-action='add-fallback']").focus();
});

onClick("move-fallback", (button) => {
  const item = button.closest("li");
  const other = button.dataset.by === "-1" ? item.previousElementSibling : item.nextElementSibling;
  if (!other) return;
  if (button.dataset.by === "-1") other.before(item);
  else other.after(item);
  button.focus();
});

document.addEventListener("change", (event) => {
  if (event.target.id === "f-providerId") suggest(event.target.form);
});

async function stored(body) {
  if (edited.etag === null) {
    const { endpoint } = await add(`${ROOT}/endpoints`, body);
    toast(`Endpoint ${endpoint.id} made`);
  } else {
    const path = pathOf("endpoints", edited.object.id) + edited.query;
    if (await save("PUT", path, { body, etag: edited.etag })) toast(`Saved ${edited.object.id}`);
  }
}

function show(title) {
  const dialog = document.getElementById("endpoint-dialog");
  const form = dialog.querySelector("form");
  const isNew = edited.etag === null;
  document.getElementById("endpoint-dialog-title").textContent = title;
  form.reset();
  form.elements.id.disabled = false;
  offerProvider(form.elements.providerId, edited.object.providerId);
  fill(form, { ...NEW, providerId: form.elements.providerId.value, ...edited.object });
  form.elements.id.disabled = !isNew;
  part(form, "alert").hidden = true;
  showFallbacks(form, edited.object.fallbacks ?? []);
  dialog.showModal();
  form.elements[isNew ? "id" : "name"].focus();
  suggest(form);
}

/** Offer a provider that is gone beside the others, so that an edit does not take another. */
function offerProvider(choice, id) {
  choice.querySelector("[data-missing]")?.remove();
  if (!id || [...choice.options].some((option) => option.value === id)) return;
  const missing = Object.assign(element("option", `${id} (missing)`), { value: id });
  missing.dataset.missing = "";
  choice.append(missing);
}

function fallbacksOf(form) {
  return [...part(form, "fallbacks").children].map((item) => item.dataset.id);
}

function showFallbacks(form, ids) {
  const template = document.getElementById("fallback-row");
  const items = ids.map((id) => {
    const item = template.content.cloneNode(true).firstElementChild;
    item.dataset.id = id;
    part(item, "id").textContent = id;
    for (const button of item.querySelectorAll("button")) {
      button.setAttribute("aria-label", `${button.getAttribute("aria-label")}: ${id}`);
    }
    return item;
  });
  part(form, "fallbacks").replaceChildren(...items);
  for (const option of part(form, "fallback-choice").options) {
    option.hidden = option.disabled = ids.includes(option.value) || option.value === edited.object.id;
  }
  const free = [...part(form, "fallback-choice").options].find((option) => !option.disabled);
  part(form, "fallback-choice").value = free?.value ?? "";
}

/** Offer the models of the chosen provider while an id is typed; without a list, nothing. */
async function suggest(form) {
  const list = document.getElementById("models-of-provider");
  list.replaceChildren();
  try {
    const { data } = await call("GET", `${pathOf("providers", form.elements.providerId.value)}/models`);
    const ids = data.models.map((model) => (typeof model === "string" ? model : model.id));
    list.replaceChildren(...ids.slice(0, 500).map((id) => Object.assign(element("option"), { value: id })));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}
