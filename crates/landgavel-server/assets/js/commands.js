// Commands as they are signed (docs/format/record.md), and how they reach the hall.

import { encode } from "./canonical.js";

export const FORMAT = "landgavel-command/1";

/** Commands that name the running stage. */
const IN_A_STAGE = new Set(["bid", "join", "accept", "seal", "file"]);
/** Commands that name the checkpoint that their signer last saw. */
const BY_BIDDERS = new Set(["apply", "withdraw", ...IN_A_STAGE, "confirm", "object"]);

/**
 * The text of a command.
 *
 * `sale` tells what binds it: `lot`, `rulebook`, and for bidders `seen`, `stage`, `attribute`; of a pledge (docs/format/pledge.md)
 * `format`, `pledge`, `opening`.
 */
export function write(fields, sale, key, id = crypto.randomUUID()) {
  if (sale.pledge !== undefined) {
    const { format, pledge, opening } = sale;
    return { id, text: encode({ ...fields, format, pledge, opening, key: key.text, id }) };
  }
  const command = { ...fields, format: FORMAT, lot: sale.lot, rulebook: sale.rulebook, key: key.text, id };
  if (BY_BIDDERS.has(fields.do)) command.seen = { root: sale.seen.root, size: sale.seen.size };
  if (IN_A_STAGE.has(fields.do)) command.stage = sale.stage ?? "none";
  if (fields.do === "bid") command.attribute = sale.attribute ?? "none";
  return { id, text: encode(command) };
}

/** Waits before the next try, in milliseconds: the hall may be restarting. */
const WAITS = [0, 300, 700, 1500, 3000, 5000, 8000];

/**
 * Sends a signed command until the hall answers. The same text and id are sent each time, so that an answer
 * that was lost on the way is given again and nothing is entered twice.
 */
export async function send(url, text, signatures, { onRetry = () => {}, fetcher = fetch, waits = WAITS, word } = {}) {
  const body = JSON.stringify({ command: text, signatures });
  let last;
  for (const wait of waits) {
    if (wait > 0) {
      onRetry(last);
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
    try {
      const answer = await fetcher(url, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json", ...(word && { "landgavel-word": word }) },
        body,
      });
      if (answer.status === 503 || answer.status === 502 || answer.status === 429) {
        last = await answer.json().catch(() => ({ status: answer.status }));
        continue;
      }
      return { status: answer.status, answer: await answer.json() };
    } catch (error) {
      last = { title: String(error) };
    }
  }
  return { status: 0, answer: last };
}
