/** The page of the providers: add, edit, switch, delete; the test is in `connection.js`. */

import { onClick, onSubmit } from "./actions.js";
import { ApiError, ROOT, call, pathOf } from "./api.js";
import { connect } from "./connection.js";
import { confirmed, part } from "./dialogs.js";
import { fill, mark, patch, validate } from "./forms.js";
import { fillKeys, keysAreRight, keysOf } from "./keys.js";
import { asDrawnNow, refresh } from "./refresh.js";
import { add, save } from "./saving.js";
import { toast } from "./toast.js";
import { several } from "./usage.js";
import { visible } from "./visible.js";

const NEW = { routingStrategy: "simple-shuffle", apiKeys: [] };
const INSIST = "add: ?anyType=true"; // what the API says to programs
let edited = { object: NEW, etag: null, query: "" };

onClick("add-provider", (button) => {
  edited = { object: NEW, etag: null, query: "" };
  show("Add provider", { type: button.dataset.type ?? "litellm" });
});

onClick("edit-provider", (button) => edit(button.dataset.id, button.dataset.query));
onClick("edit-tested", (button) => {
  const { id, query } = button.closest("dialog").dataset;
  button.closest("dialog").close();
  return edit(id, query);
});

onClick("test-provider", ({ dataset }) => connect(dataset.id, dataset.name, dataset.query));

onClick("toggle-provider", async (button) => {
  const { id, etag, query } = button.dataset;
  const enabled = button.getAttribute("aria-checked") !== "true";
  if (await save("PUT", pathOf("providers", id) + query, { body: { enabled }, etag })) {
    toast(enabled ? "Enabled" : "Disabled: its endpoints cannot be asked");
  }
  await refresh();
});

onClick("delete-provider", async (button) => {
  const { id, etag, query, name, ...rest } = (await asDrawnNow(button)).dataset;
  const yes = await confirmed({
    title: `Delete ${name}?`,
    text: "Calls through it are no longer possible. A key kept for it in the keyring goes as well.",
    consequences: consequencesOf(rest),
    yes: "Delete provider",
  });
  if (!yes) return;
  const gone = await save("DELETE", pathOf("providers", id) + query, { etag });
  if (gone) toast(`Deleted ${name}${whatWent(gone, rest)}`);
  await refresh();
});

onClick("save-provider", (button) => button.form.requestSubmit()); // Enter is for the other one

onSubmit("provider", async (form, button) => {
  part(form, "alert").hidden = true;
  if (!isRight(form)) return;
  const saved = await attempted(form);
  if (saved === undefined) return;
  form.closest("dialog").close();
  if (saved) toast(`Saved ${saved.name}`);
  await refresh();
  if (!saved) return;
  if (button?.value === "test") await connect(saved.id, saved.name, edited.query);
});

document.addEventListener("change", (event) => {
  if (event.target.id === "f-type") offer(event.target.form);
});

/** Say what goes with a provider, from what its button tells of it. */
function consequencesOf({ endpoints, usedBy, defaultMoves }) {
  const [gone, users] = [endpoints, usedBy].map((text) => text.split(" ").filter(Boolean));
  const lines = [];
  if (gone.length) lines.push(`also deletes ${several(gone.length, "endpoint")}: ${gone.join(", ")}`);
  if (users.length) lines.push(`${users.join(", ")} ${users.length === 1 ? "loses" : "lose"} fallbacks`);
  if (defaultMoves) lines.push(defaultMoves);
  return lines;
}

/** Say what went with a provider, from what the server answered. */
function whatWent({ deletedEndpoints, defaultEndpoint }, { defaultMoves }) {
  const went = deletedEndpoints.length ? ` and ${several(deletedEndpoints.length, "endpoint")}` : "";
  if (!defaultMoves) return went;
  return `${went}; ${defaultEndpoint ? `the default is ${defaultEndpoint}` : "no default is left"}`;
}

async function edit(id, query) {
  const { data, etag } = await call("GET", pathOf("providers", id));
  edited = { object: data, etag, query: query ?? "" };
  show(`Edit ${data.name}`, data);
}

function show(title, object) {
  const dialog = document.getElementById("provider-dialog");
  const form = dialog.querySelector("form");
  const isNew = edited.etag === null;
  document.getElementById("provider-dialog-title").textContent = visible(title);
  form.reset();
  fill(form, { ...NEW, ...object });
  form.elements.type.disabled = !isNew;
  selectType(form, object.type);
  part(form, "only-new").hidden = !isNew;
  for (const name of ["id", "file"]) form.elements[name].disabled = !isNew;
  part(form, "alert").hidden = true;
  part(form, "advanced").open = false;
  fillKeys(form, object.apiKeys ?? []);
  offer(form, isNew);
  dialog.showModal();
  form.elements.name.focus();
}

function selectType(form, type) {
  const known = [...form.elements.type.options].some((option) => option.value === type);
  form.elements.type.value = known ? type : "";
  form.elements.otherType.value = known ? "" : type;
}

/** Show what belongs to the chosen type: its description, its address, its key. */
function offer(form, fresh = true) {
  const { dataset, value, label } = form.elements.type.selectedOptions[0];
  const { anyType, apiBase, apiKey, name, otherType } = form.elements;
  part(form, "description").textContent = dataset.description;
  part(form, "other").hidden = value !== "";
  otherType.disabled = anyType.disabled = value !== "" || edited.etag !== null;
  apiBase.placeholder = dataset.base || "https://…";
  apiBase.required = "baseNeeded" in dataset;
  document.getElementById("h-apiBase").textContent = dataset.base ? `Empty: ${dataset.base}` : "";
  apiKey.placeholder = dataset.key ?? "";
  if (edited.etag !== null || !fresh) return;
  apiBase.value = "prefilled" in dataset ? dataset.base : "";
  if (!name.value || name.dataset.offered === name.value) {
    name.value = name.dataset.offered = value ? label : "";
  }
}

function isRight(form) {
  const { type, otherType } = form.elements;
  const other = (text) => (!otherType.disabled && type.value === "" && !text ? "Needed" : "");
  return validate(form, { otherType: other }) && keysAreRight(form);
}

/** Save; gives the provider, null where the saved one is kept, undefined where that failed. */
async function attempted(form) {
  const alert = part(form, "alert");
  try {
    return edited.etag === null ? await added(form) : await changed(form);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    alert.textContent = error.message.replace(INSIST, "tick the box below its name");
    alert.hidden = false;
    alert.scrollIntoView({ block: "nearest" });
    if (error.status === 409) mark(form.elements.id, error.message);
    return undefined;
  }
}

async function added(form) {
  const { otherType, anyType, file, ...data } = changes(form);
  edited.query = file ?? "";
  data.type = form.elements.type.value || otherType;
  const query = new URLSearchParams({ ...(file && { user: true }), ...(anyType && { anyType }) });
  return (await add(`${ROOT}/providers?${query}`, data)).provider;
}

async function changed(form) {
  const { otherType, anyType, type, ...body } = changes(form);
  const path = pathOf("providers", edited.object.id) + edited.query;
  const answer = await save("PUT", path, { body, etag: edited.etag });
  return answer?.provider ?? null;
}

function changes(form) {
  const data = patch(form, edited.object);
  const keys = keysOf(form);
  if (JSON.stringify(keys) !== JSON.stringify(edited.object.apiKeys ?? [])) data.apiKeys = keys;
  return data;
}
