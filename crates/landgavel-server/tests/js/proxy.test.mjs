// node --test crates/landgavel-server/tests/js
import assert from "node:assert/strict";
import { test } from "node:test";
import { ladder, signAll } from "../../assets/js/proxy.js";

const rule = { least: 1983, step: 20, cap: 2503 };

test("a_ladder_rises_by_the_increment_and_never_passes_the_limit", () => {
  assert.deepEqual(ladder(rule, 40, 2070), [1983, 2023, 2063]);
  assert.deepEqual(ladder({ ...rule, cap: null }, 20, 1983), [1983]);
});

test("a_limit_that_reaches_the_cap_ends_with_the_cap", () => {
  assert.deepEqual(ladder(rule, 200, 9999), [1983, 2183, 2383, 2503]);
  assert.deepEqual(ladder({ ...rule, cap: 2063 }, 80, 2063), [1983, 2063]);
});

test("what_the_rule_would_refuse_is_not_signed", () => {
  for (const [increment, limit] of [[30, 2063], [0, 2063], [-20, 2063], [20, 1982], [null, 2063], [20, null]]) {
    assert.equal(ladder(rule, increment, limit), null, `${increment} ${limit}`);
  }
  assert.equal(ladder({ least: 1, step: 1, cap: null }, 1, 1_000_000), null);
});

test("each_amount_is_signed_once_under_an_id_of_its_own", async () => {
  const binding = { lot: "l", rulebook: "r", seen: { root: "0", size: 1 }, stage: "price", attribute: "price" };
  const key = { text: "k", sign: async (text) => ({ key: "k", signature: text }) };
  const bids = await signAll([1983, 2003], (quanta) => `${quanta} 万元`, "V01", binding, key);
  const commands = bids.map(({ command }) => JSON.parse(command));
  assert.deepEqual(commands.map(({ amount, stage }) => [amount, stage]), [["1983 万元", "price"], ["2003 万元", "price"]]);
  assert.notEqual(commands[0].id, commands[1].id);
  assert.ok(bids.every(({ command, signatures }) => signatures[0].signature === command));
});
