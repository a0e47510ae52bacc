// A long verification: the page answers all the while, shows how far it is, and can be stopped.
import assert from "node:assert/strict";
import { before, test } from "node:test";

import { manyBids, reportOf } from "./bundles.mjs";
import { downloaded, launch, open, scratch, verdict } from "./harness.mjs";

const EVENTS = 10_000;
/** Longest time, in milliseconds, that the page may go without drawing, beyond what this machine takes anyhow. */
const GAP_MAX = 200;
/** How often a long gap may be tried again. */
const ATTEMPTS = 4;

let browser;
let many;

before(async () => {
  const folder = await scratch();
  browser = await launch();
  many = await manyBids(folder, EVENTS);
});

/** Begins to note the longest gap between two frames, and what the bar shows. */
async function watch(page) {
  await page.evaluate(() => {
    const seen = { gap: 0, values: [], titles: new Set() };
    let last = performance.now();
    const frame = (now) => {
      seen.gap = Math.max(seen.gap, now - last);
      last = now;
      const bar = document.getElementById("progress");
      if (!document.getElementById("running").hidden && seen.values.at(-1) !== bar.value) {
        seen.values.push(bar.value);
        seen.titles.add(document.title);
      }
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    window.seen = seen;
  });
}

function seen(page) {
  return page.evaluate(() => ({ ...window.seen, titles: [...window.seen.titles] }));
}

/** The longest gap while nothing happens: a busy machine has some. */
async function gapAtRest(page) {
  await watch(page);
  await page.waitForTimeout(1500);
  return (await seen(page)).gap;
}

for (const [how, before] of [
  ["in a worker", undefined],
  ["where no worker can be had", "delete window.Worker;"],
]) {
  test(`${how} the page answers and shows progress throughout ${EVENTS} events`, async () => {
    const { page, complaints, requests } = await open(browser, { language: "en", before });
    const rest = await gapAtRest(page);
    // A machine that is busy elsewhere holds up any page now and then; a page that blocks is held up each time.
    const gaps = [];
    do {
      await watch(page);
      await page.setInputFiles("#archive", many.zip);
      await page.waitForSelector("#running:not([hidden])");
      assert.equal(await verdict(page), "holds");
      gaps.push((await seen(page)).gap);
    } while (gaps.at(-1) >= GAP_MAX + rest && gaps.length < ATTEMPTS);
    const { values, titles } = await seen(page);
    const told = gaps.map((gap) => gap.toFixed(0)).join(", ");
    console.log(`${how}: longest gap ${told} ms (at rest ${rest.toFixed(0)}), ${values.length} states of the bar`);
    assert.ok(Math.min(...gaps) < GAP_MAX + rest, `the page stood still for ${told} ms`);
    assert.ok(values.length >= 10, `the bar moved ${values.length} times: ${values}`);
    assert.deepEqual(values, [...values].sort((a, b) => a - b));
    assert.ok(titles.some((title) => /^[1-9]\d?% /.test(title)), titles.join());
    assert.deepEqual(await downloaded(page), await reportOf(many.zip));
    assert.deepEqual([complaints, requests], [[], []]);
  });

  test(`${how} a verification can be cancelled, and begun again`, async () => {
    const { page } = await open(browser, { language: "en", before });
    await page.setInputFiles("#archive", many.zip);
    await page.waitForFunction(() => document.getElementById("progress").value > 100);
    assert.equal(await page.evaluate(() => document.activeElement.id), "cancel");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#intake:not([hidden])", { timeout: 5000 });
    assert.ok(await page.isHidden("#running"));
    assert.equal(await page.innerText("#live"), "Cancelled.");
    assert.equal(await page.evaluate(() => document.activeElement.id), "choose-archive");
    await page.setInputFiles("#archive", many.zip);
    assert.equal(await verdict(page), "holds");
  });
}

test("a browser without any way to compute in the background says so, and still gives the verdict", async () => {
  const before = "delete window.Worker; delete WebAssembly.Suspending;";
  const { page } = await open(browser, { language: "en", before });
  await page.setInputFiles("#archive", many.zip);
  await page.waitForFunction(() => document.getElementById("figures").textContent.includes("may not answer"));
  assert.equal(await verdict(page), "holds");
});

test("the language can be changed while it runs", async () => {
  const { page } = await open(browser);
  await page.setInputFiles("#archive", many.zip);
  await page.waitForFunction(() => document.getElementById("progress").value > 60);
  await page.click("[data-language=en]");
  assert.match(await page.innerText("#figures"), /entries: signatures of/);
  assert.equal(await verdict(page), "holds");
  assert.ok((await page.innerText("#verdict")).includes("The record holds"));
});
