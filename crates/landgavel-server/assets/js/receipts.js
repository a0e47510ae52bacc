// What a bidder keeps: the log's word at once, and the witnessed proof a moment later.

import { base64 } from "./keys.js";
import { download } from "./sign.js";
import { say } from "./texts.js";

/** Waits until witnesses have seen an entry, in milliseconds. */
const WAITS = [0, 1000, 2000, 4000];

/** A proof together with the entry that it proves, so that it is verified without the record (docs/format/receipt.md). */
export function withEntry(proof, line) {
  const [head, ...rest] = proof.split("\n");
  if (!line || rest[0]?.startsWith("extra ")) return proof;
  return [head, `extra ${base64(new TextEncoder().encode(line))}`, ...rest].join("\n");
}

async function fetchProof(address) {
  for (const wait of WAITS) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    const answer = await fetch(address);
    if (answer.ok) return answer.text();
  }
  return null;
}

/** Buttons that save the receipt of an answer, and its proof once there is one. */
export function receiptButtons(api, answer) {
  const buttons = document.createElement("div");
  buttons.className = "buttons";
  if (!answer?.receipt) return buttons;
  buttons.append(download(`receipt-${answer.entry}.txt`, answer.receipt, say("receipt")));
  const proof = document.createElement("button");
  proof.type = "button";
  proof.className = "quiet";
  proof.textContent = say("proof");
  proof.addEventListener("click", async () => {
    proof.disabled = true;
    const text = await fetchProof(`${api}/entries/${answer.entry}/proof`).catch(() => null);
    proof.disabled = false;
    if (text === null) {
      proof.textContent = say("not_witnessed");
      return;
    }
    const link = download(`entry-${answer.entry}.tlog-proof`, withEntry(text, answer.line), "");
    link.click();
    URL.revokeObjectURL(link.href);
  });
  buttons.append(proof);
  return buttons;
}
