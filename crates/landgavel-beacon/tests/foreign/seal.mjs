// A second implementation of docs/format/seal.md, on drand's tlock-js.
//
//   npm ci --ignore-scripts     once; installs what package-lock.json names
//   node seal.mjs check         opens docs/format/vectors/seal.json, and refuses what must be refused
//   node seal.mjs make          prints sealed-by-tlock-js.json anew; it has fresh randomness each time
//
// Written from the page of the format. It shares no code with the crate.

import { readFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { bls12_381 as bls } from "@noble/curves/bls12-381";
import { sha256 } from "@noble/hashes/sha256";
import aead from "@stablelib/chacha20poly1305";
import ibe from "tlock-js/crypto/ibe.js";

const DOMAIN = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";
const VECTORS = new URL("../../../../docs/format/vectors/seal.json", import.meta.url);

const hex = (bytes) => Buffer.from(bytes).toString("hex");
const unhex = (text) => new Uint8Array(Buffer.from(text, "hex"));
const join = (...parts) => new Uint8Array(Buffer.concat(parts));
const equal = (left, right) => hex(left) === hex(right);

function number(value, length) {
  const bytes = Buffer.alloc(length);
  if (length === 8) bytes.writeBigUInt64BE(BigInt(value));
  else bytes.writeUIntBE(value, 0, length);
  return new Uint8Array(bytes);
}

class Refused extends Error {
  constructor(check) {
    super(`fails check ${check}`);
    this.check = check;
  }
}

function must(holds, check) {
  if (!holds) throw new Refused(check);
}

const roundMessage = (round) => sha256(number(round, 8));

function isSigned(chain, round, signature) {
  const { G1, G2 } = bls;
  const key = G2.ProjectivePoint.fromHex(chain.public_key);
  const left = bls.pairing(G1.ProjectivePoint.fromHex(hex(signature)), G2.ProjectivePoint.BASE);
  const point = G1.hashToCurve(roundMessage(round), { DST: DOMAIN });
  return bls.fields.Fp12.eql(left, bls.pairing(G1.ProjectivePoint.fromAffine(point.toAffine()), key));
}

function isPoint(bytes) {
  try {
    const point = bls.G2.ProjectivePoint.fromHex(hex(bytes));
    point.assertValidity();
    return !point.equals(bls.G2.ProjectivePoint.ZERO) && equal(point.toRawBytes(true), bytes);
  } catch {
    return false;
  }
}

function cipher(key, header) {
  const bodyKey = sha256(join(Buffer.from("landgavel/seal/1/body"), key, header));
  return { bodyKey, box: new aead.ChaCha20Poly1305(bodyKey) };
}

/** Opens an envelope with a round's signature, by the checks of the page in their order. */
async function open(chain, round, signature, envelope) {
  must(envelope.length === 704, 1);
  must(equal(envelope.subarray(0, 8), unhex("4c475345414c0001")), 2);
  must(!equal(envelope.subarray(40, 48), new Uint8Array(8)), 3);
  const parts = { U: envelope.slice(48, 144), V: envelope.slice(144, 160), W: envelope.slice(160, 176) };
  must(isPoint(parts.U), 4);
  must(hex(envelope.subarray(8, 40)) === chain.hash && equal(envelope.subarray(40, 48), number(round, 8)), 5);
  must(isSigned(chain, round, signature), 5);
  let key;
  try {
    key = await ibe.decryptOnG2(signature, parts);
  } catch (error) {
    must(!/rP check failed/.test(error.message), 6);
    throw error;
  }
  const header = envelope.slice(0, 176);
  const { bodyKey, box } = cipher(key, header);
  const padded = box.open(new Uint8Array(12), envelope.slice(176), header);
  must(padded !== null, 7);
  const length = padded[0] * 256 + padded[1];
  must(length <= 480 && padded.subarray(2 + length).every((byte) => byte === 0), 8);
  return { key, bodyKey, plaintext: padded.slice(2, 2 + length) };
}

/** Seals with tlock-js, which draws its own chance for the hidden key. */
async function seal(chain, round, plaintext) {
  const key = new Uint8Array(randomBytes(16));
  const parts = await ibe.encryptOnG2RFC9380(unhex(chain.public_key), roundMessage(round), key);
  const header = join(
    unhex("4c475345414c0001"), unhex(chain.hash), number(round, 8), parts.U, parts.V, parts.W,
  );
  return join(header, cipher(key, header).box.seal(new Uint8Array(12), paddedOf(plaintext), header));
}

function paddedOf(plaintext) {
  const padded = new Uint8Array(512);
  padded.set(number(plaintext.length, 2));
  padded.set(plaintext, 2);
  return padded;
}

async function check(vectors, chains) {
  for (const chain of vectors.chains) {
    const seed = chain.name === "quicknet"
      ? "f477d5c89f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d3e" : "00".repeat(32);
    const hash = sha256(join(
      number(chain.period_seconds, 4), number(chain.genesis_seconds, 8),
      unhex(chain.public_key), unhex(seed), Buffer.from(chain.name),
    ));
    if (hex(hash) !== chain.hash) throw new Error(`${chain.name}: the hash is ${hex(hash)}`);
  }
  for (const vector of vectors.opened) {
    const chain = chains[vector.chain];
    const plaintext = unhex(vector.plaintext);
    const keys = sha256(join(
      Buffer.from("landgavel/seal/1/keys"), unhex(vector.randomness), unhex(chain.hash),
      number(vector.round, 8), paddedOf(plaintext),
    ));
    const result = await open(chain, vector.round, unhex(vector.signature), unhex(vector.envelope));
    const found = [result.plaintext, result.key, result.bodyKey, keys.slice(0, 16)].map(hex);
    const expected = [vector.plaintext, vector.key, vector.body_key, vector.key];
    if (found.join() !== expected.join()) throw new Error(`found ${found}, expected ${expected}`);
  }
  for (const vector of vectors.refused) {
    const failed = await open(chains[vector.chain], vector.round, unhex(vector.signature), unhex(vector.envelope))
      .then(() => "none", (error) => error.check ?? error);
    if (failed !== vector.check) throw new Error(`${vector.what}: fails ${failed}, expected ${vector.check}`);
  }
  console.log(`opened ${vectors.opened.length}, refused ${vectors.refused.length}, as the vectors say`);
}

async function make(vectors, chains) {
  const texts = [
    new Uint8Array(0), Buffer.from("bid"), new Uint8Array(16), new Uint8Array(480).fill(255), Buffer.from("每亩 1200 元"),
  ];
  const opened = [];
  for (const name of ["local", "quicknet"]) {
    const { round, signature } = vectors.opened.find((vector) => vector.chain === name);
    for (const text of texts) {
      const envelope = await seal(chains[name], round, text);
      opened.push({ chain: name, round, signature, plaintext: hex(text), envelope: hex(envelope) });
    }
  }
  console.log(JSON.stringify({ made_by: "tlock-js 0.9.0", opened }, null, 2));
}

const vectors = JSON.parse(readFileSync(VECTORS, "utf8"));
const chains = Object.fromEntries(vectors.chains.map((chain) => [chain.name, chain]));
const chores = { check, make };
const chore = chores[process.argv[2]];
if (!chore) {
  console.error("say `check` or `make`");
  process.exit(2);
}
try {
  await chore(vectors, chains);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
