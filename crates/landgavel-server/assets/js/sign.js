// Forms whose content is signed: `data-command` names what is asked, the fields are its fields.

import { encode } from "./canonical.js";
import { send, write } from "./commands.js";
import { digestOf, hex, quantaIn, textIn } from "./commit.js";
import * as keys from "./keys.js";
import { pick, say } from "./texts.js";

/** The signed-in person's key in this browser, or a sentence why there is none. */
export async function ownKey(person) {
  if (!(await keys.canSign())) throw new Error(say("cannot_sign"));
  const key = await keys.find(person);
  if (!key) throw new Error(say("no_key"));
  return key;
}

/** What a result says to a person: a kind and a sentence. */
export function resultText({ status, answer }) {
  if (status === 200 && answer.result === "accepted") return ["good", say("accepted", answer.entry)];
  if (status === 200 && answer.result === "pending") return ["plain", say("signed_first")];
  if (status === 200 && answer.result === "refused") {
    return ["bad", say("refused", pick(answer.refused.words) || answer.refused.code, answer.entry)];
  }
  if (status === 0) return ["bad", say("no_answer")];
  return ["bad", say("turned_away", pick(answer?.words) || answer?.detail || answer?.title || status)];
}

/** Shows a sentence where results are told; screen readers hear it. */
export function show(place, [kind, text], extra = []) {
  place.replaceChildren();
  const banner = document.createElement("p");
  banner.className = `banner ${kind}`;
  banner.textContent = text;
  place.append(banner, ...extra);
}

/** Bytes as a link that saves them. */
export function download(name, text, label) {
  const link = document.createElement("a");
  link.className = "button quiet";
  link.href = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
  link.download = name;
  link.textContent = label;
  return link;
}

/** Values of fields that are no texts, by the `data-type` of the field. */
const read = { integer: Number, flag: (value) => value === "true", certificates };

/** Files of which the digest is signed; they are read here and sent nowhere. */
async function digests(form, fields) {
  for (const input of form.querySelectorAll("input[type=file][data-digest]")) {
    const file = input.files[0];
    if (!file && !input.required) continue;
    if (!file) throw new Error(say("choose_file"));
    fields[input.dataset.digest] = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer())));
  }
}

/** Pasted certificates, one after the other or as a list; only their signed texts and signatures are sent. */
function certificates(value) {
  try {
    const list = [JSON.parse(value.trim().startsWith("[") ? value : `[${value.trim().replace(/}\s*{/g, "},{")}]`)].flat();
    const whole = list.map(({ text, signature }) => ({ signature, text }));
    if (!whole.every(({ text, signature }) => typeof text === "string" && typeof signature === "string")) throw new Error();
    return whole;
  } catch {
    throw new Error(say("no_certificate"));
  }
}

/** Fields of a form as a command's: empty ones are left out, `facts.x` goes into an object. */
export function fieldsOf(form) {
  const fields = { do: form.dataset.command };
  for (const [name, value] of new FormData(form)) {
    if (typeof value !== "string" || value === "" || name.startsWith("_")) continue;
    const [outer, inner] = name.split(".");
    const field = form.elements[name];
    const typed = read[field?.dataset?.type]?.(value) ?? value;
    if (inner) (fields[outer] ??= {})[inner] = typed;
    else fields[outer] = typed;
  }
  return fields;
}

/**
 * A secret value as its digest. Value and salt are saved by this browser before anything is signed, since whoever loses
 * them can never show the value.
 */
async function committed(form, { stage, secret }) {
  const { lot, unit, decimals } = form.dataset;
  const quanta = quantaIn(form.elements._value.value, Number(decimals));
  if (quanta === null) throw new Error(say("wrong_amount"));
  const salt = crypto.getRandomValues(new Uint8Array(32));
  const value = textIn(quanta, Number(decimals), unit);
  const kept = JSON.stringify({ lot, stage, secret, value, salt: hex(salt) }, null, 1);
  const link = download(`secret-${stage}-${secret}.json`, kept, say("secret_kept"));
  link.click();
  return [await digestOf({ lot, stage, secret, quanta, salt }), link];
}

async function submit(form) {
  const place = form.querySelector("[data-result]");
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  show(place, ["plain", say("signing")]);
  try {
    const key = await ownKey(form.dataset.person);
    const binding = await (await fetch(form.dataset.binding, { headers: { accept: "application/json" } })).json();
    const fields = fieldsOf(form);
    const extra = [];
    await digests(form, fields);
    if (form.dataset.decimals !== undefined) {
      const [digest, link] = await committed(form, fields);
      fields.digest = digest;
      extra.push(link);
    }
    const { id, text } = write(fields, binding, key);
    const result = await send(form.action, text, [await key.sign(text)], {
      onRetry: () => show(place, ["plain", say("again")]),
      word: form.dataset.word,
    });
    if (result.answer?.receipt) extra.push(download(`receipt-${id}.txt`, result.answer.receipt, say("receipt")));
    show(place, resultText(result), extra);
    // Where something must be kept the page stays, so that it can be saved again.
    if (result.status === 200 && form.dataset.then && form.dataset.decimals === undefined) {
      setTimeout(() => location.assign(form.dataset.then), 1200);
    }
  } catch (error) {
    show(place, ["bad", error.message]);
  } finally {
    button.disabled = false;
  }
}

/** The files that the page shows are those whose digests are signed: a hall that showed others is found here. */
async function checkFiles(notice) {
  for (const [field, id] of [["rulebook_sha256", "rulebook"], ["lot_sha256", "lot-text"]]) {
    const shown = new TextEncoder().encode(document.getElementById(id).defaultValue);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", shown));
    const hex = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    if (notice[field] !== hex) throw new Error(say("other_files"));
  }
}

/** A text that waits for this person's signature, such as a notice that another officer has signed. */
async function cosign(form) {
  const place = form.querySelector("[data-result]");
  try {
    const key = await ownKey(form.dataset.person);
    const text = form.querySelector("[data-text]").textContent;
    // What is not in its one form was not made by a hall; nobody should sign it.
    if (encode(JSON.parse(text)) !== text) throw new Error(say("turned_away", "not canonical"));
    if (form.dataset.files !== undefined) await checkFiles(JSON.parse(text));
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json", "landgavel-word": form.dataset.word },
      body: JSON.stringify(await key.sign(text)),
    });
    const told = await answer.json();
    show(place, answer.ok ? ["good", told.words ? pick(told.words) : say("done")] : resultText({ status: answer.status, answer: told }));
    if (answer.ok && form.dataset.then) setTimeout(() => location.assign(form.dataset.then), 1200);
  } catch (error) {
    show(place, ["bad", error.message]);
  }
}

/** What waits for a second signature, taken back by who has logged in; it was never in the record. */
async function takeBack(form) {
  const place = form.querySelector("[data-result]");
  try {
    const answer = await fetch(form.action, {
      method: "DELETE",
      headers: { accept: "application/json", "landgavel-word": form.dataset.word },
    });
    const told = await answer.json();
    show(place, answer.ok ? ["good", pick(told.words)] : resultText({ status: answer.status, answer: told }));
    if (answer.ok) setTimeout(() => location.assign(form.dataset.then), 1200);
  } catch (error) {
    show(place, ["bad", error.message]);
  }
}

async function enrol(form) {
  const place = form.querySelector("[data-result]");
  try {
    if (!(await keys.canSign())) throw new Error(say("cannot_sign"));
    const key = await keys.findOrMake(form.dataset.person);
    const signed = await key.sign(keys.enrolmentText(form.dataset.person, form.elements.word.value));
    form.elements.key.value = signed.key;
    form.elements.signature.value = signed.signature;
    form.submit();
  } catch (error) {
    show(place, ["bad", error.message]);
  }
}

/** Makes the signing forms of a page work. */
export function begin() {
  for (const form of document.querySelectorAll("form[data-command], form[data-cosign], form[data-enrol], form[data-take-back]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (form.dataset.command) submit(form);
      else if (form.dataset.cosign !== undefined) cosign(form);
      else if (form.dataset.takeBack !== undefined) takeBack(form);
      else enrol(form);
    });
  }
  for (const place of document.querySelectorAll("[data-key-of]")) {
    keys.find(place.dataset.keyOf).then((key) => {
      place.textContent = key ? `${say("key_here")}: ${key.text}` : say("no_key");
    });
  }
}

begin();
