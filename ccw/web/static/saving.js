/** Changes that other editors must not lose: sent with the tag of what was read. */

import { ApiError, call } from "./api.js";
import { resolved } from "./dialogs.js";

/**
 * Send a change made to what *etag* stands for. Where that has changed meanwhile, both versions
 * are shown; null when the user keeps the saved one.
 */
export async function save(method, path, { body, etag }) {
  try {
    return (await call(method, path, { body, etag })).data;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 412) throw error;
    const { current, yours } = error.body;
    const choice = await resolved(current, yours ?? { deleted: true });
    if (choice !== "mine") return null;
    return save(method, path, { body, etag: (await call("GET", path.split("?")[0])).etag });
  }
}
