// A committed reserve: the digest that a page makes is the one that every verifier makes.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { digestOf, quantaIn, textIn } from "../../crates/landgavel-server/assets/js/commit.js";

test("a page's commitment is that of the published vectors", async () => {
  const vectors = JSON.parse(await readFile(new URL("../../docs/format/vectors/draw.json", import.meta.url)));
  assert.ok(vectors.commitments.secrets.length > 3);
  for (const { lot, stage, secret, value, salt, commitment } of vectors.commitments.secrets) {
    assert.equal(await digestOf({ lot, stage, secret, quanta: value, salt: Buffer.from(salt, "hex") }), commitment);
  }
});

test("amounts are read as they are written, and none is guessed", () => {
  assert.deepEqual(["1,050", "10.5", "10.50", "0.07"].map((typed) => quantaIn(typed, 2)), [105_000, 1050, 1050, 7]);
  for (const typed of ["", "-1", "1.055", "1e3", "万", "9007199254740993"]) assert.equal(quantaIn(typed, 2), null);
  assert.deepEqual([textIn(1050, 0, "万元"), textIn(7, 2, "万元/亩·年")], ["1050 万元", "0.07 万元/亩·年"]);
});
