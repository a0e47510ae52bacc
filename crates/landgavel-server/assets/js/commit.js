// A reserve or cap that is committed before it is shown: its digest (docs/reference/rulebook.md), and what its officer keeps.

/** Bytes as the record writes them. */
export function hex(bytes) {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** SHA-256 in hexadecimal. */
export async function sha256(bytes) {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

function big(length, write) {
  const bytes = new Uint8Array(length);
  write(new DataView(bytes.buffer));
  return bytes;
}

/** The digest that commits a value in quanta under a salt of 32 bytes. */
export async function digestOf({ lot, stage, secret, quanta, salt }) {
  const utf8 = new TextEncoder();
  const fields = [lot, stage, secret].map((text) => utf8.encode(text));
  const parts = [
    utf8.encode("landgavel/commitment/v1\0"),
    ...fields.flatMap((field) => [big(4, (view) => view.setUint32(0, field.length)), field]),
    big(8, (view) => view.setBigInt64(0, BigInt(quanta))),
    salt,
  ];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return sha256(whole);
}

/** A typed amount in quanta of an attribute with so many decimals; null when it is none. */
export function quantaIn(typed, decimals) {
  const match = /^\s*(\d[\d,]*)(?:\.(\d+))?\s*$/.exec(typed.replace(/，/g, ","));
  if (!match) return null;
  const places = (match[2] ?? "").replace(/0+$/, "");
  const quanta = Number(match[1].replaceAll(",", "") + places.padEnd(decimals, "0"));
  return places.length <= decimals && Number.isSafeInteger(quanta) ? quanta : null;
}

/** Quanta as the rulebook writes them. */
export function textIn(quanta, decimals, unit) {
  const digits = String(quanta).padStart(decimals + 1, "0");
  const number = decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  return `${number} ${unit}`;
}
