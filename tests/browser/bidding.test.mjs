// Two people bid against each other: by keyboard alone, on a phone, at the last second, over a line that breaks.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before } from "node:test";

import { landgavel } from "./bundles.mjs";
import { demonstration, frame, line, obstacles, story, until, visit } from "./hall.mjs";
import { launch, scratch } from "./harness.mjs";

const ROOM = "/sales/demo/room";
const step = story();
let address;
let wire;
let folder;
let alice;
let bob;
let carol;

before(async () => {
  folder = await scratch();
  // Nobody but the three: 300 s of the sale's countdown are 20 s here.
  address = await demonstration("--robots", "0", "--speed", "15", "--wait", "600");
  wire = await line(address);
  alice = await visit(await launch(wire.flag), address, { language: "en" });
  const browser = await launch();
  bob = await visit(browser, address, { language: "zh", width: 390 });
  carol = await visit(browser, address);
});

/** Presses Tab until what has the focus satisfies. */
async function tabTo(page, holds, most = 60) {
  for (let presses = 0; presses < most; presses += 1) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const { textContent, dataset, className, tagName } = document.activeElement;
      return { text: textContent.trim(), at: dataset.at, kind: className, tag: tagName, inChoices: !!document.activeElement.closest("[data-at=choices]") };
    });
    if (holds(focused)) return focused;
  }
  throw new Error(`no Tab leads to ${holds}`);
}

const result = (page) => page.locator("[data-at=result] .banner").innerText();

async function toldOf(page) {
  await page.waitForFunction(() => {
    const banner = document.querySelector("[data-at=result] .banner");
    return banner && !banner.classList.contains("plain");
  }, null, { timeout: 40_000 });
  return page.locator("[data-at=result] .banner").getAttribute("class");
}

/** Chooses the least amount and signs it; again when somebody else was faster. */
async function bid(page) {
  await page.evaluate(() => document.querySelector("[data-at=result]").replaceChildren());
  for (let tries = 0; tries < 20; tries += 1) {
    await page.locator("[data-at=choices] button").first().click();
    await page.locator("[data-at=sign]").click({ timeout: 300 }).catch(() => {});
    if (await page.waitForSelector("[data-at=result] .banner", { timeout: 300 }).then(() => true, () => false)) return;
  }
  throw new Error("somebody else was faster twenty times");
}

async function saved(page, press) {
  const [download] = await Promise.all([page.waitForEvent("download"), press()]);
  const path = join(folder, `${Math.random().toString(16).slice(2)}-${download.suggestedFilename()}`);
  await download.saveAs(path);
  return path;
}

async function policy() {
  const path = join(folder, "policy.txt");
  await writeFile(path, await (await fetch(`${address}/sales/demo/log/policy.txt`)).text());
  return path;
}

async function verified(receipt) {
  const { code, stdout } = await landgavel("receipt", "verify", receipt, "--policy", await policy(), "--json");
  assert.equal(code, 0, String(stdout));
  return JSON.parse(stdout);
}

step("with the keyboard alone a key is made, an application signed, and the room entered", async () => {
  const { page } = alice;
  await page.goto(`${address}/demo`);
  await tabTo(page, ({ text }) => text === "I want to bid");
  await page.keyboard.press("Enter");
  await page.waitForSelector("[data-demo-join]");
  await tabTo(page, ({ text }) => text === "Make a key and apply");
  await page.keyboard.press("Enter");
  await page.waitForURL(`**${ROOM}`, { timeout: 30_000 });
  await page.waitForFunction(() => document.querySelector("[data-at=code]").textContent === "V01");
  // Not even the page can read the secret half of its key.
  const readable = await page.evaluate(async () => {
    const request = indexedDB.open("landgavel", 1);
    const database = await new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
    const all = database.transaction("keys").objectStore("keys").getAll();
    const [kept] = await new Promise((resolve) => (all.onsuccess = () => resolve(all.result)));
    return crypto.subtle.exportKey("pkcs8", kept.secret).then(() => true, () => false);
  });
  assert.equal(readable, false);
});

step("others come in, one on a phone, each under a code of its own", async () => {
  for (const [{ page }, code] of [[bob, "V02"], [carol, "V03"]]) {
    await page.goto(`${address}/demo`);
    await page.click("text=我要竞买");
    await page.click("text=生成密钥并申请");
    await page.waitForURL(`**${ROOM}`, { timeout: 30_000 });
    await page.waitForFunction((own) => document.querySelector("[data-at=code]").textContent === own, code);
  }
  const { page } = bob;
  await page.goto(`${address}/demo`);
  await page.click("text=现在开始");
  await page.waitForURL(`**${ROOM}`);
  // Who quotes may go on when the rule asks.
  for (const { page } of [bob, carol]) {
    await bid(page);
    assert.match(await toldOf(page), /good/);
  }
});

step("a bid is chosen, signed and receipted with the keyboard alone", async () => {
  const { page } = alice;
  await page.waitForSelector("[data-at=choices] button");
  await tabTo(page, ({ inChoices }) => inChoices);
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.dataset.at), "sign");
  await page.keyboard.press("Enter");
  assert.match(await toldOf(page), /good/);
  assert.match(await result(page), /Entered as no\. \d+/);
  await tabTo(page, ({ text }) => text === "Download the receipt");
  const receipt = await saved(page, () => page.keyboard.press("Enter"));
  const told = await verified(receipt);
  assert.equal(told.kind, "durable");
  await tabTo(page, ({ text }) => text === "Download the witnessed proof");
  const proof = await saved(page, () => page.keyboard.press("Enter"));
  assert.equal((await verified(proof)).holds ?? true, true);
  const changed = `${proof}.changed`;
  const bytes = await readFile(proof, "utf8");
  await writeFile(changed, bytes.replace(/index (\d+)/, (_, index) => `index ${Number(index) - 1}`));
  assert.equal((await landgavel("receipt", "verify", changed, "--policy", await policy())).code, 1);
});

step("the room stands in nobody's way while a bidder is at work", async () => {
  assert.deepEqual(await obstacles(alice.page), []);
  assert.deepEqual(await obstacles(bob.page), []);
});

step("two bids for one amount in the last second: one leads, both have receipts", async () => {
  for (const { page } of [alice, bob, carol]) await page.locator("[data-at=join]").click({ timeout: 40_000 });
  await until(address, ({ phase }) => phase?.name === "live", 60_000);
  // Who leads may not raise, so a third one has to lead before two can race for one amount.
  if ((await carol.page.locator(".verdict.leads").count()) === 0) await bid(carol.page);
  await carol.page.waitForSelector(".verdict.leads");
  const live = await until(address, ({ phase }) => phase?.name === "live", 60_000);
  const least = live.next_least.text;
  for (const { page } of [alice, bob]) {
    await page.waitForFunction((text) => document.querySelector("[data-at=choices] button")?.firstChild.textContent === text, least);
    await page.locator("[data-at=choices] button").first().click();
    await page.evaluate(() => document.querySelector("[data-at=result]").replaceChildren());
  }
  // 15 s of the sale are one second here.
  await alice.page.waitForFunction(() => /^0:(1\d|0\d)$/.test(document.querySelector("[data-at=left]").textContent));
  // At one moment, as two hands in two towns would.
  const moment = Date.now() + 300;
  const press = (at) => new Promise((resolve) => setTimeout(resolve, at - Date.now())).then(() => document.querySelector("[data-at=sign]").click());
  await Promise.all([alice, bob].map(({ page }) => page.evaluate(press, moment)));
  const kinds = await Promise.all([alice, bob].map(({ page }) => toldOf(page)));
  assert.equal(kinds.filter((kind) => kind.includes("good")).length, 1, kinds.join());
  assert.equal(kinds.filter((kind) => kind.includes("bad")).length, 1, kinds.join());
  const [winner, loser] = kinds[0].includes("good") ? [alice, bob] : [bob, alice];
  // What can be signed never changes under the finger.
  await loser.page.waitForFunction(() => document.querySelector("[data-at=sign]").disabled);
  await winner.page.waitForSelector(".verdict.leads");
  await loser.page.waitForSelector(".verdict.trails");
  const entries = [];
  for (const { page } of [winner, loser]) {
    const receipt = await saved(page, () => page.locator("[data-at=result] a[download]").click());
    entries.push((await verified(receipt)).entry);
  }
  assert.equal(Math.abs(entries[0] - entries[1]), 1, "both stand in the record, one after the other");
  // Every bid gives everybody the full time again.
  const next = await frame(address);
  assert.ok(next.phase.closes_ms - next.now_ms > 250_000, "the countdown began anew");
});

step("a line that breaks loses no bid and no event, and nothing is bid twice", async () => {
  const { page } = alice;
  const before = await frame(address);
  if (await page.locator(".verdict.leads").count()) {
    await bid(bob.page);
    await page.waitForSelector(".verdict.trails");
  }
  await page.locator("[data-at=choices] button").first().click();
  // The hall enters the bid, and its answer is lost; then the line is dead for two seconds.
  wire.state.swallows = true;
  await page.locator("[data-at=sign]").click();
  await until(address, () => wire.state.swallowed === 1);
  wire.cut();
  await new Promise((resolve) => setTimeout(resolve, 1200));
  wire.mend();
  assert.match(await toldOf(page), /good/);
  await page.waitForSelector(".verdict.leads");
  const after = await frame(address);
  const bids = after.history.filter(({ what, entry }) => what === "bid" && entry >= before.entries);
  assert.equal(bids.filter(({ code }) => code === "V01").length, 1);
  await page.waitForFunction((count) => document.querySelector("[data-at=entries]").textContent === String(count), after.entries);
  const shown = await page.$$eval("[data-at=history] li", (rows) => rows.map((row) => row.querySelector(".num").textContent));
  assert.deepEqual(shown, after.history.map(({ amount }) => amount?.text ?? ""));
  await verified(await saved(page, () => page.locator("[data-at=result] a[download]").click()));
});

step("bids signed in advance are brought when their bidder is outbid, and no more once they are taken back", async () => {
  const { page } = bob;
  await page.waitForSelector("[data-at=choices] button");
  const least = await page.locator("[data-at=choices] button").first().evaluate((button) => parseInt(button.firstChild.textContent, 10));
  await page.locator("details summary").click();
  await page.fill("#proxy-limit", String(least + 100));
  await page.fill("#proxy-increment", "30");
  await page.click("text=签名并提交代理报价");
  assert.match(await toldOf(page), /bad/);
  await page.fill("#proxy-increment", "20");
  await page.click("text=签名并提交代理报价");
  await page.waitForFunction(() => document.querySelector("[data-at=result] .banner").textContent.includes("6"));
  // Bob was outbid, so the least of them is brought at once, and another after each bid of the other.
  await page.waitForSelector(".verdict.leads");
  const own = () => frame(address).then(({ offers }) => offers[0]);
  assert.deepEqual([(await own()).code, (await own()).amount.quanta], ["V02", least]);
  await alice.page.waitForSelector(".verdict.trails");
  await bid(alice.page);
  assert.match(await toldOf(alice.page), /good/);
  await until(address, ({ offers }) => offers[0]?.code === "V02" && offers[0].amount.quanta === least + 40);
  await page.waitForFunction(() => document.querySelector("[data-at=proxy-words]").textContent.includes("还有 3 口"));
  assert.deepEqual(await obstacles(page), []);
  await page.click("[data-at=proxy-cancel]");
  await page.waitForSelector("[data-at=proxy-state]", { state: "hidden" });
  await alice.page.waitForSelector(".verdict.trails");
  await bid(alice.page);
  await alice.page.waitForSelector(".verdict.leads");
  await new Promise((resolve) => setTimeout(resolve, 800));
  assert.equal((await own()).code, "V01");
});

step("who was never outbid wins, signs the confirmation, and the record says so", async () => {
  const { page } = alice;
  await page.waitForSelector("[data-at=confirm]:not([hidden])", { timeout: 90_000 });
  await page.click("[data-at=confirm]");
  assert.match(await toldOf(page), /good/);
  await page.waitForSelector("[data-at=over]:not([hidden])");
  assert.match(await page.innerText("[data-at=winner]"), /V01/);
  await until(address, ({ status, seen, entries }) => status === "awarded" && seen.size === entries);
  const bundle = join(folder, "bundle.zip");
  await writeFile(bundle, Buffer.from(await (await fetch(`${address}/sales/demo/bundle.zip`)).arrayBuffer()));
  const { code, stdout } = await landgavel("verify", "--json", bundle);
  assert.equal(code, 0, String(stdout));
  // What the console was told of were the line that was cut, and refusals, which are answers.
  assert.deepEqual(bob.complaints, []);
});
