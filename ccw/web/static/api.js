/** The HTTP API as pages call it: JSON both ways, failures as one kind of error. */

export const ROOT = "/api/litellm-api";

/** A request that was refused; `body` is what the server said. */
export class ApiError extends Error {
  constructor(status, body) {
    super(body?.error?.message ?? `the server answered ${status}`);
    this.status = status;
    this.type = body?.error?.type ?? "error";
    this.body = body ?? {};
  }
}

/** Send one request; gives the answer's JSON and its tag. Throws ApiError. */
export async function call(method, path, { body, etag, signal } = {}) {
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (etag) headers["If-Match"] = etag;
  const answer = await reach(path, {
    method,
    headers,
    signal,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const data = await answer.json().catch(() => null);
  if (!answer.ok) throw new ApiError(answer.status, data);
  return { data, etag: answer.headers.get("ETag") };
}

/** Fetch, with a server that is gone said in words; one that has a new token asks for it. */
export async function reach(path, options) {
  try {
    const answer = await fetch(path, options);
    if (answer.status === 401) return signInAgain();
    return answer;
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, { error: { message: "The server does not answer. Is ccw serve running?" } });
  }
}

/** Load the page, which is the one to sign in then; nobody goes on meanwhile. */
function signInAgain() {
  location.reload();
  return new Promise(() => {});
}

/** Return the address of one object of a kind. */
export function pathOf(kind, id) {
  return `${ROOT}/${kind}/${encodeURIComponent(id)}`;
}
