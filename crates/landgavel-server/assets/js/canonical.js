// Restricted JSON, as docs/format/record.md fixes it: what is signed is written in one form only.

const SAFE = Number.MAX_SAFE_INTEGER;

function text(value) {
  if (!value.isWellFormed()) throw new TypeError("a text has half a character (a lone surrogate)");
  return JSON.stringify(value);
}

/** The one text of a value. Numbers must be whole and within ±(2^53 − 1). */
export function encode(value, depth = 0) {
  if (depth > 32) throw new RangeError("nested deeper than 32");
  if (value === null || value === true || value === false) return String(value);
  if (typeof value === "string") return text(value);
  if (typeof value === "number") {
    if (!Number.isInteger(value) || Math.abs(value) > SAFE || Object.is(value, -0)) {
      throw new RangeError(`${value} is not a whole number within ±(2^53 − 1)`);
    }
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map((item) => encode(item, depth + 1)).join(",")}]`;
  if (typeof value !== "object") throw new TypeError(`${typeof value} is no value of restricted JSON`);
  // Strings compare by UTF-16 code units, which is the order that the format asks for.
  const keys = Object.keys(value).filter((key) => value[key] !== undefined).sort((a, b) => (a < b ? -1 : 1));
  return `{${keys.map((key) => `${text(key)}:${encode(value[key], depth + 1)}`).join(",")}}`;
}
