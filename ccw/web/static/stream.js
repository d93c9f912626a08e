/** Server-sent events that answer a POST. */

import { ApiError, reach } from "./api.js";

/** Ask *body*; *take* is called with name and data of each event. Aborting ends the call. */
export async function asked(body, signal, take) {
  const answer = await reach("/api/cli/execute", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
    body: JSON.stringify(body),
    signal,
  });
  if (!answer.ok) throw new ApiError(answer.status, await answer.json().catch(() => null));
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let [rest, ended] = ["", false];
  for (;;) {
    const { value, done } = await read(reader);
    if (done) break;
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    for (const [name, data] of events.map(parsed).filter(Boolean)) {
      take(name, data);
      ended ||= name === "done" || name === "error";
    }
  }
  if (!ended) throw brokenOff();
}

async function read(reader) {
  try {
    return await reader.read();
  } catch (error) {
    throw error.name === "AbortError" ? error : brokenOff();
  }
}

function brokenOff() {
  return new ApiError(0, { error: { message: "The server broke off before the answer was complete." } });
}

function parsed(text) {
  const lines = text.split("\n");
  const of = (field) => lines.filter((line) => line.startsWith(`${field}: `)).map((line) => line.slice(field.length + 2));
  const [name] = of("event");
  return name ? [name, JSON.parse(of("data").join("\n"))] : null;
}
