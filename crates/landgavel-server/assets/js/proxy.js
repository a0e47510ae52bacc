// Bids signed in advance: one per amount, up to a limit. The hall can bring these and no other.

import { write } from "./commands.js";

/** Bids that a hall takes at once. */
const MOST = 1000;

/**
 * The amounts to sign, in quanta: from the least by the increment up to the limit, and the cap when the limit reaches it.
 * Nothing when the increment is no whole number of steps, or there would be too many.
 */
export function ladder({ least, step, cap }, increment, limit) {
  const most = cap === null ? limit : Math.min(limit, cap);
  const isOnStep = Number.isSafeInteger(increment) && increment > 0 && (step <= 0 || increment % step === 0);
  if (!isOnStep || !Number.isSafeInteger(limit) || most < least || (most - least) / increment >= MOST) return null;
  const amounts = [];
  for (let amount = least; amount <= most; amount += increment) amounts.push(amount);
  // The last step to the cap may be a short one.
  if (cap !== null && most === cap && amounts.at(-1) !== cap && amounts.length < MOST) amounts.push(cap);
  return amounts;
}

/** The signed bids of a ladder. `textOf` writes an amount as the rule does. */
export async function signAll(amounts, textOf, code, binding, key) {
  const bids = [];
  for (const amount of amounts) {
    const { text } = write({ do: "bid", bidder: code, amount: textOf(amount) }, binding, key);
    bids.push({ command: text, signatures: [await key.sign(text)] });
  }
  return bids;
}

/** Lodges bids, or takes them back when there are none. Answers the hall's answer. */
export async function lodge(api, word, bids) {
  const answer = await fetch(`${api}/proxy`, {
    method: bids ? "POST" : "DELETE",
    headers: { "content-type": "application/json", accept: "application/json", "landgavel-word": word },
    body: bids && JSON.stringify({ bids }),
  });
  return { status: answer.status, answer: await answer.json() };
}
