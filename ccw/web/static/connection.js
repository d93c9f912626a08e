/** The test of a provider and what follows: a model found or typed, an endpoint made of it. */

import { onClick, onSubmit } from "./actions.js";
import { ApiError, ROOT, call, pathOf } from "./api.js";
import { element, part } from "./dialogs.js";
import { mark, validate } from "./forms.js";
import { ModelPicker } from "./model-picker.js";
import { refresh } from "./refresh.js";
import { add } from "./saving.js";
import { toast } from "./toast.js";
import { several } from "./usage.js";
import { visible } from "./visible.js";

const NOT_TRUSTED = "not_trusted";
let picker = null;
let testing = null;

onClick("test-again", (button) => {
  const { id, name, query } = button.closest("dialog").dataset;
  return connect(id, name, query);
});

onSubmit("use-model", async (form) => {
  const taken = form.elements.endpoint.dataset.taken.split(" ");
  const free = (id) => (taken.includes(id) ? `Endpoint ID already exists: ${id}` : "");
  if (!validate(form, { endpoint: free })) return;
  const dialog = form.closest("dialog");
  const { id: providerId, query } = dialog.dataset;
  const body = { id: form.elements.endpoint.value.trim(), providerId, model: form.elements.model.value.trim() };
  try {
    await add(`${ROOT}/endpoints${query}`, body);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    mark(form.elements.endpoint, error.message);
    return;
  }
  dialog.close();
  toast(`Endpoint ${body.id} made; ask it in the playground`);
  await refresh();
});

document.addEventListener("input", (event) => {
  if (event.target.id === "f-endpoint") event.target.dataset.typed = "yes";
});

/** Test a provider and show what came of it. */
export async function connect(id, name, query = "") {
  const dialog = document.getElementById("connection-dialog");
  const form = dialog.querySelector("form");
  Object.assign(dialog.dataset, { id, name, query });
  document.getElementById("connection-dialog-title").textContent = `Connection to ${visible(name)}`;
  form.reset();
  delete form.elements.endpoint.dataset.typed;
  for (const field of [form.elements.model, form.elements.endpoint]) mark(field, "");
  picker = new ModelPicker(form, (model) => propose(form, model));
  say(form, "idle", "Asking for its models…");
  offerUse(form, true);
  part(form, "key-states").replaceChildren();
  if (!dialog.open) dialog.showModal();
  await test(dialog, form, id);
}

async function test(dialog, form, id) {
  testing?.abort();
  const mine = (testing = new AbortController());
  dialog.addEventListener("close", () => mine.abort(), { once: true });
  const result = await tested(id, mine.signal);
  if (mine.signal.aborted) return;
  if (result.success) succeeded(form, result);
  else failed(form, result);
  showKeys(form, result.keys ?? []);
  (result.kind === NOT_TRUSTED ? part(form, "again") : form.elements.model).focus();
  await refresh();
}

/** Models can be picked or typed, unless nothing may be sent to the provider at all. */
function offerUse(form, is) {
  for (const name of ["picker", "use"]) part(form, name).hidden = !is;
}

async function tested(id, signal) {
  try {
    return (await call("POST", `${pathOf("providers", id)}/test`, { signal })).data;
  } catch (error) {
    if (error.name === "AbortError") return {};
    if (!(error instanceof ApiError)) throw error;
    return { success: false, error: error.message, kind: error.type };
  }
}

function succeeded(form, { models = [], latencyMs, note }) {
  const took = latencyMs === null || latencyMs === undefined ? "" : ` in ${Math.round(latencyMs)} ms`;
  say(form, "ok", `It answers${took}: ${several(models.length, "model")}`, note);
  picker.offer(models, models.length ? "" : "No models returned: type the id of one.");
}

function failed(form, { error, note, kind }) {
  offerUse(form, kind !== NOT_TRUSTED);
  const empty = /^No models returned/.test(error ?? "");
  say(form, empty ? "warn" : "bad", error ?? "The test failed", note);
  toast(`${form.closest("dialog").dataset.name}: ${empty ? "no models returned" : "the test failed"}`, "bad");
  const why = empty ? "No models returned" : "Could not fetch models";
  picker.offer([], `${why}: type the id of one.`);
}

function say(form, level, text, note) {
  const lines = [element("p", text, `state ${level}`)];
  if (note) lines.push(element("p", note, "quiet"));
  part(form, "outcome").replaceChildren(...lines);
}

function showKeys(form, keys) {
  const words = { ok: "accepted", limited: "limited at present", refused: "refused" };
  const level = { ok: "ok", limited: "warn", refused: "bad" };
  const items = keys.length < 2 ? [] : keys.map((key) => {
    const item = element("li");
    const text = `${key.name}: ${words[key.state] ?? key.error ?? "not told"}`;
    item.append(element("span", text, `state ${level[key.state] ?? "idle"}`));
    return item;
  });
  part(form, "key-states").replaceChildren(...items);
}

/** Propose an id for the endpoint of *model*, unless one was typed. */
function propose(form, model) {
  const field = form.elements.endpoint;
  if (field.dataset.typed) return;
  const taken = field.dataset.taken.split(" ");
  const stem = model.split("/").pop().replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "").slice(0, 60);
  let [id, number] = [stem, 2];
  while (taken.includes(id)) id = `${stem}-${number++}`;
  field.value = id;
  mark(field, "");
}
