// The key that signs: made in this browser, kept in this browser, never readable, not even by this page.

const DATABASE = "landgavel";
const STORE = "keys";

/** Bytes as base64. */
export function base64(bytes) {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)));
}

function request(asked) {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function store(mode) {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: "name" });
  const database = await request(opening);
  return database.transaction(STORE, mode).objectStore(STORE);
}

/** Whether this browser can sign with Ed25519. */
export async function canSign() {
  try {
    await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
    return true;
  } catch {
    return false;
  }
}

/** A key by its name, such as the person's id; null when this browser has none. */
export async function find(name) {
  const kept = await request((await store("readonly")).get(name));
  return kept ? new Key(kept) : null;
}

/** Finds a key or makes one. */
export async function findOrMake(name) {
  const known = await find(name);
  if (known) return known;
  const pair = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
  const text = `ed25519:${base64(await crypto.subtle.exportKey("raw", pair.publicKey))}`;
  const kept = { name, text, secret: pair.privateKey, made: new Date().toISOString() };
  await request((await store("readwrite")).add(kept));
  // Without this the browser may clear the key when its disk is full.
  await navigator.storage?.persist?.();
  return new Key(kept);
}

/**
 * What a key signs to be enrolled: this host, this account, this session. The host is the one that the browser sees, so that no
 * other hall can use the signature.
 */
export function enrolmentText(account, word, host = location.host) {
  return `landgavel-enrol/1\n${host}\n${account}\n${word}`;
}

/** A key that signs. */
class Key {
  #secret;

  constructor({ text, secret, made }) {
    this.text = text;
    this.made = made;
    this.#secret = secret;
  }

  /** The signature of a text's UTF-8 bytes, as the hall takes it. */
  async sign(text) {
    const signature = await crypto.subtle.sign("Ed25519", this.#secret, new TextEncoder().encode(text));
    return { key: this.text, signature: base64(signature) };
  }
}
