/** Text in the order in which it was written. */

const TURNING = /[\u202A-\u202E\u2066-\u2069]/g; // signs that show what follows in another order

/** Return *text* with such signs as their escapes: a name must not look like another one. */
export function visible(text) {
  return String(text ?? "").replace(TURNING, (sign) => `\\u${sign.charCodeAt(0).toString(16)}`);
}
