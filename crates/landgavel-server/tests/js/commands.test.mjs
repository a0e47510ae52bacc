// node --test crates/landgavel-server/tests/js
import assert from "node:assert/strict";
import { test } from "node:test";
import { encode } from "../../assets/js/canonical.js";
import { send, write } from "../../assets/js/commands.js";

test("keys_stand_in_the_order_of_utf16_units", () => {
  assert.equal(encode({ "\u{1f600}": 1, "\ufb33": 2, b: 3, a: [4, null, true] }), '{"a":[4,null,true],"b":3,"\u{1f600}":1,"\ufb33":2}');
});

test("strings_are_escaped_as_the_format_says", () => {
  assert.equal(encode('"\\\b\f\n\r\t\u0001\u001f\u007f\u2028/é'), '"\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\u007f\u2028/é"');
});

test("what_has_no_form_is_refused", () => {
  for (const wrong of [1.5, 2 ** 53, -(2 ** 53), NaN, Infinity, -0, "\ud800", { a: "\udc00" }, () => 1]) {
    assert.throws(() => encode(wrong), String(wrong));
  }
  let deep = [];
  for (let i = 0; i < 33; i += 1) deep = [deep];
  assert.throws(() => encode(deep));
});

const sale = { lot: "x/y", rulebook: "ab", seen: { root: "00", size: 3 }, stage: "price", attribute: "price" };

test("a_bid_binds_sale_stage_key_and_checkpoint", () => {
  const { text } = write({ do: "bid", bidder: "A", amount: "10 元" }, sale, { text: "ed25519:k" }, "1");
  assert.equal(
    text,
    '{"amount":"10 元","attribute":"price","bidder":"A","do":"bid","format":"landgavel-command/1","id":"1",' +
      '"key":"ed25519:k","lot":"x/y","rulebook":"ab","seen":{"root":"00","size":3},"stage":"price"}',
  );
});

test("an_officers_command_names_no_checkpoint", () => {
  const { text } = write({ do: "admit", bidder: "A" }, sale, { text: "k" }, "1");
  assert.ok(!text.includes("seen") && !text.includes("stage"));
});

test("a_lost_answer_is_asked_for_with_the_same_bytes", async () => {
  const bodies = [];
  const fetcher = async (_, { body }) => {
    bodies.push(body);
    if (bodies.length === 1) throw new TypeError("network");
    if (bodies.length === 2) return { status: 503, json: async () => ({}) };
    return { status: 200, json: async () => ({ entry: 7 }) };
  };
  const result = await send("/x", "t", [], { fetcher, waits: [0, 1, 1] });
  assert.deepEqual(result, { status: 200, answer: { entry: 7 } });
  assert.equal(new Set(bodies).size, 1);
});
