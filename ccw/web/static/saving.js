/** What is saved: changes are sent with the tag of what was read, so that others lose none. */

import { ApiError, call } from "./api.js";
import { resolved } from "./dialogs.js";
import { toast } from "./toast.js";

/** Send something new. */
export async function add(path, body) {
  return told((await call("POST", path, { body })).data);
}

/**
 * Send a change made to what *etag* stands for. Where that has changed meanwhile, both versions
 * are shown; null when the user keeps the saved one.
 */
export async function save(method, path, { body, etag }) {
  try {
    return told((await call(method, path, { body, etag })).data);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 412) throw error;
    const { current, yours } = error.body;
    const choice = await resolved(current, yours ?? { deleted: true });
    if (choice !== "mine") return null;
    return save(method, path, { body, etag: (await call("GET", path.split("?")[0])).etag });
  }
}

/** Tell what the server says of what it has saved all the same. */
function told(answer) {
  for (const note of answer.notes ?? []) toast(note, "warn");
  return answer;
}
