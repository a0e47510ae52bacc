// A sale of a city's own, from its draft to its result, by pages alone: two officers, a bidder, a guarantor, an auditor.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import { join } from "node:path";
import { env } from "node:process";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { program } from "./bundles.mjs";
import { launch, scratch } from "./harness.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const PASSWORD = "four unrelated words here";
const SALE = "own-1";
/** A folder for pictures of every page, for people to look at. */
const PICTURES = env.LANDGAVEL_PICTURES;

const run = promisify(execFile);
let browser;
let folder;
let hall;
let site;

function freePort() {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

before(async () => {
  [browser, folder] = [await launch(), await scratch()];
  const address = `127.0.0.1:${await freePort()}`;
  site = `http://${address}`;
  const flags = ["--data", folder, "--listen", address, "--origin", "hall.test", "--site", site, "--demonstration", "--json"];
  hall = spawn(program, ["serve", ...flags], { stdio: ["ignore", "pipe", env.LANDGAVEL_LOUD ? "inherit" : "ignore"] });
  await new Promise((resolve, reject) => {
    hall.stdout.once("data", resolve);
    hall.once("exit", (code) => reject(new Error(`the hall ended with ${code}`)));
  });
  if (PICTURES) await mkdir(PICTURES, { recursive: true });
});

after(() => hall?.kill("SIGTERM"));

/** A person with a browser of its own, so with a key of its own. */
async function person(name, role, shown) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: "en-GB", acceptDownloads: true });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  if (role) {
    const invited = await run(program, ["account", "invite", name, "--role", role, "--shown", shown, "--data", folder, "--json"]);
    await page.goto(site + JSON.parse(invited.stdout).path);
  } else {
    await page.goto(`${site}/join`);
    await page.fill("#name", name);
  }
  await page.fill("#shown", shown);
  await page.fill("#password", PASSWORD);
  await page.click("form button[type=submit]");
  await page.waitForURL(`${site}/account`);
  return { page, complaints, name };
}

async function enrolKey({ page }) {
  await page.click("form[data-enrol] button");
  await page.waitForSelector("text=This browser holds your key");
  await page.waitForSelector("text=Enrolled");
}

/** Nothing on the page stands in anybody's way; with pictures in both languages and widths when asked for. */
async function looked({ page, name }, what) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate((values) => window.axe.run({ runOnly: { type: "tag", values } }), RULES);
  const found = violations.map(({ id, nodes }) => `${name}, ${what}: ${id}: ${nodes.map((node) => node.target).join(" ")}`);
  assert.deepEqual(found, []);
  await page.setViewportSize({ width: 390, height: 844 });
  const wide = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const beyond = [...document.querySelectorAll("main *")].filter((one) => one.getBoundingClientRect().right > clientWidth && !one.closest(".table"));
    return [`${scrollWidth - clientWidth} px`, ...beyond.map((one) => one.outerHTML.slice(0, 120))];
  });
  assert.deepEqual(wide, [], `${name}, ${what}: too wide for a phone`);
  await page.setViewportSize({ width: 1280, height: 860 });
  if (!PICTURES) return;
  for (const language of ["zh", "en"]) {
    const other = await page.context().newPage();
    const address = new URL(page.url());
    address.searchParams.set("lang", language);
    await other.goto(String(address));
    for (const width of [1280, 390]) {
      await other.setViewportSize({ width, height: width < 600 ? 844 : 860 });
      await other.screenshot({ path: join(PICTURES, `${what}-${language}-${width}.png`), fullPage: true });
    }
    await other.close();
  }
  // The pictures leave the language as it was.
  const back = await page.context().newPage();
  await back.goto(`${site}/help?lang=en`);
  await back.close();
}

/** Presses a button that signs, and waits for what the hall says. */
async function signs(page, form, kind = "good") {
  await page.locator(`${form} button[type=submit]`).first().click();
  await page.locator(`${form} [data-result] .banner.${kind}`).waitFor({ timeout: 20_000 });
}

/** A moment as a form takes it, in China's time. */
function inChina(ms) {
  return new Date(ms + 8 * 3_600_000).toISOString().slice(0, 19);
}

test("two officers, a bidder and a guarantor bring a sale from its draft to its result", { timeout: 600_000 }, async () => {
  const first = await person("officer-1", "officer", "Officer One");
  const second = await person("officer-2", "officer", "Officer Two");
  const bank = await person("bank", "guarantor", "Sample Bank");
  const notary = await person("notary", "auditor", "Notary");
  const bidder = await person("bidder", null, "Sample <script>alert(1)</script> Works");
  for (const one of [first, second, bidder]) await enrolKey(one);
  await looked(bidder, "account");

  // The first officer drafts: rule, land, values, calendar.
  await first.page.goto(`${site}/officer`);
  await looked(first, "officer-empty");
  await first.page.click("text=Draft a sale");
  await looked(first, "draft-new");
  const now = Date.now();
  const at = (seconds) => inChina(now + seconds * 1000);
  const calendar = { notice: -60, apply_opens: -30, bond_due: 100, apply_closes: 101, admitted: 102, quote_opens: 103, quote_closes: 118 };
  const land = { sale: SALE, title_zh: "样例地块", title_en: "Sample parcel", parcel: "S1", place_zh: "样例路 1 号", place_en: "1 Sample Road", industries: "C375" };
  for (const [name, value] of Object.entries(land)) await first.page.fill(`[name="${name}"]`, value);
  for (const [name, seconds] of Object.entries(calendar)) await first.page.fill(`[name="moment.${name}"]`, at(seconds));
  await first.page.check("[name=sample]");
  const ring = [[120.0712, 29.301], [120.07274, 29.30106], [120.0727, 29.30226], [120.07116, 29.3022], [120.0712, 29.301]];
  await first.page.fill("#geojson", JSON.stringify({ type: "Polygon", coordinates: [ring] }));
  await first.page.click("text=Save and check");
  await first.page.waitForURL(/officer\/drafts\/[a-z2-7]+/);

  // A calendar of two minutes breaks the law's twenty days: the check says so, with line and field.
  await first.page.waitForSelector(".findings .tag.bad");
  assert.match(await first.page.textContent(".findings"), /lot\.toml:\d+ calendar/);
  assert.equal(await first.page.locator("form[data-cosign]").count(), 0);
  await looked(first, "draft-wrong");
  let rule = await first.page.inputValue("#rulebook");
  rule = rule.replaceAll(/after_previous = .*\n/g, "").replaceAll('"5 min"', '"6 s"').replaceAll('"10 min"', '"6 s"');
  await first.page.fill("#rulebook", rule);
  await first.page.click("button[value=check]");
  await first.page.waitForSelector("form[data-cosign]");
  await looked(first, "draft");

  // One signature publishes nothing, and the same officer cannot sign again.
  await signs(first.page, "form[data-cosign]");
  await first.page.waitForSelector("text=You have signed.");
  assert.ok(await first.page.isDisabled("form[data-cosign] button"));
  assert.equal((await first.page.request.get(`${site}/api/v1/sales/${SALE}`)).status(), 404);
  await second.page.goto(`${site}/officer`);
  await looked(second, "officer-tasks");
  await second.page.click("text=Sign the notice of own-1");
  await looked(second, "draft-second");
  await signs(second.page, "form[data-cosign]");
  await second.page.waitForSelector("text=Published.");

  // The bidder applies, and hands in a guarantee.
  // A sale that was just published opens a moment later; until then its pages say so.
  for (let tries = 0; tries < 40; tries += 1) {
    await bidder.page.goto(`${site}/sales/${SALE}/apply`);
    if ((await bidder.page.locator("#company").count()) > 0) break;
    await bidder.page.waitForTimeout(250);
  }
  await looked(bidder, "apply-identity");
  await bidder.page.fill("#company", "Sample <script>alert(1)</script> Works");
  await bidder.page.fill("#credit", "91350100M000100Y43");
  await bidder.page.fill("#person", "A. Sample, 000");
  await bidder.page.click("text=Save and go on");
  await bidder.page.waitForSelector("form[data-command=apply]");
  await looked(bidder, "apply-sign");
  // The hall's first checkpoint comes within a second of the notice.
  await bidder.page.waitForTimeout(1500);
  await signs(bidder.page, "form[data-command=apply]");
  await bidder.page.waitForSelector("form[data-upload]");
  await looked(bidder, "apply-bond");
  await bidder.page.check("[value=guarantee]");
  await bidder.page.selectOption("#guarantor", "bank");
  await bidder.page.fill("#until", inChina(now + 300 * 86_400_000).slice(0, 10));
  await bidder.page.fill("#beneficiary", "Sample Bureau");
  await bidder.page.check("[name=on_demand]");
  const paper = (text) => ({ name: "letter.pdf", mimeType: "application/pdf", buffer: Buffer.from(text) });
  await bidder.page.setInputFiles("#file", paper("<html>no letter</html>"));
  await signs(bidder.page, "form[data-upload]", "bad");
  await bidder.page.setInputFiles("#file", paper("%PDF-1.7 sample letter"));
  await signs(bidder.page, "form[data-upload]");
  await bidder.page.waitForSelector("text=It waits for its guarantor");

  // The guarantor confirms; only then can an officer take the bond and admit.
  const manage = `${site}/officer/sales/${SALE}`;
  await first.page.goto(manage);
  assert.equal(await first.page.locator("form[data-command=bond]").count(), 0);
  await looked(first, "officer-sale-waits");
  await bank.page.goto(`${site}/guarantor`);
  await looked(bank, "guarantor");
  await bank.page.click("button[value=confirm]");
  await bank.page.waitForSelector(".tag.good");
  await first.page.goto(manage);
  assert.equal(await first.page.locator("script:not([src])").count(), 0);
  await signs(first.page, "form[data-command=bond]");
  await first.page.waitForSelector("form[data-command=admit]");
  await looked(first, "officer-sale");
  await signs(first.page, "form[data-command=admit]");
  await bidder.page.goto(`${site}/sales/${SALE}/apply`);
  await bidder.page.waitForSelector("text=You are admitted");
  await looked(bidder, "apply-admitted");
  await bidder.page.locator("summary", { hasText: "Object" }).click();
  await bidder.page.fill("#objection", "The increment is large (sample)");
  await signs(bidder.page, "form[data-command=object]");

  // Bidding opens by the calendar; the bidder bids in the room, alone.
  await bidder.page.goto(`${site}/sales/${SALE}/room`);
  await bidder.page.locator('[data-at="choices"] button').first().click({ timeout: 150_000 });
  await bidder.page.click('[data-at="sign"]:not([disabled])');
  await bidder.page.locator('[data-at="result"] .banner.good').waitFor({ timeout: 20_000 });
  await bidder.page.waitForSelector('[data-at="winner"]:has-text("B-")', { timeout: 120_000 });

  // Examination, the winner's signature, the result.
  await second.page.goto(`${site}/officer`);
  await second.page.click("text=Examine the provisional winner");
  await looked(second, "officer-sale-provisional");
  await signs(second.page, "form[data-command=qualify]");
  await bidder.page.locator('[data-at="confirm"]:not([hidden])').click({ timeout: 20_000 });
  // With the signature the sale has ended, and the room shows that in place of what could be done.
  await bidder.page.locator('[data-at="over"]:not([hidden])').waitFor({ timeout: 20_000 });
  await bidder.page.goto(`${site}/sales/${SALE}/result`);
  assert.match(await bidder.page.textContent("article"), /1800 万元/);
  await looked(bidder, "result");

  // Once the sale has ended the rule shows identities: an officer looks, and the auditor sees that it did.
  await first.page.goto(manage);
  await first.page.click("text=Look (leaves a trace)");
  await first.page.waitForSelector("text=fits digest and group in the record");
  assert.match(await first.page.textContent("table"), /<script>alert\(1\)<\/script> Works/);
  await looked(first, "officer-sale-identity");
  await notary.page.goto(`${site}/auditor`);
  assert.match(await notary.page.textContent("main"), /officer-1/);
  await looked(notary, "auditor");
  await first.page.goto(`${site}/officer`);
  await looked(first, "officer-done");

  // The winner's promise is held to account: terms and names are checked, two officers sign, a bureau shows what was done.
  const tax = await person("tax", "source", "税务局（样本）");
  await enrolKey(tax);
  await first.page.goto(`${site}/officer/pledges`);
  await first.page.click("text=Open a pledge");
  // Nobody else bid, so no tax was promised; and one bureau shows everything here.
  const terms = await first.page.inputValue("#terms");
  const own = terms.replace('committed = "award.tax"', 'committed = "20 万元/亩·年"\nunit = "万元/亩·年"').replaceAll(/signed_by = ".*"/g, 'signed_by = "税务局（样本）"');
  await first.page.fill("#terms", own);
  await first.page.click("button[value=terms]");
  await first.page.waitForSelector("#source-0");
  assert.match(await first.page.inputValue("#source-0"), /^ed25519:/);
  assert.equal(await first.page.locator("#source-1").count(), 0);
  await looked(first, "opening-new");
  await first.page.click("button[value=begin]");
  await first.page.waitForURL(/officer\/openings\/[a-z2-7]+/);
  await signs(first.page, "form[data-cosign]");
  await second.page.goto(first.page.url());
  await looked(second, "opening");
  await signs(second.page, "form[data-cosign]");
  await second.page.waitForSelector("text=Opened.");
  await tax.page.waitForTimeout(2000);
  await tax.page.goto(`${site}/pledges/${SALE}`);
  const handover = "form[data-command=evidence]";
  await tax.page.locator(`${handover} input[type=date]`).first().fill(inChina(Date.now()).slice(0, 10));
  await tax.page.locator(`${handover} input[type=file]`).first().setInputFiles(paper("%PDF-1.7 sample record of the handover"));
  await signs(tax.page, handover);
  await tax.page.waitForSelector("text=signed by 税务局（样本）");
  await looked(tax, "pledge-source");
  // A bond is entered by one officer and confirmed by another.
  await first.page.goto(`${site}/pledges/${SALE}`);
  await first.page.fill("#bond-amount", "180 万元");
  await first.page.fill("#bond-issuer", "Sample Bank");
  await first.page.fill("#bond-valid_until", inChina(Date.now() + 4000 * 86_400_000).slice(0, 10));
  // No bank pays on a demand that does not name its letter, and an amount in another unit is asked about.
  await signs(first.page, "form[data-command=bond]", "bad");
  await first.page.waitForSelector("text=letter_not_named");
  await first.page.fill("#bond-number", "Sample 2026-1");
  await first.page.locator("#bond-letter").setInputFiles(paper("%PDF-1.7 sample letter of guarantee"));
  await first.page.fill("#bond-amount", "180 元");
  await signs(first.page, "form[data-command=bond]", "bad");
  await first.page.waitForSelector("text=is the unit right?");
  await looked(first, "pledge-doubt");
  await first.page.fill("#bond-amount", "180 万元");
  await signs(first.page, "form[data-command=bond]", "plain");
  await first.page.waitForSelector("text=Another officer of the list must sign.");
  await second.page.goto(`${site}/pledges/${SALE}`);
  await looked(second, "pledge-officer");
  await signs(second.page, "form[data-cosign]");
  await second.page.waitForSelector("text=bond lodged");
  await bidder.page.goto(`${site}/my/pledges`);
  assert.match(await bidder.page.textContent("main"), /Promises, evidence, verdicts/);
  await looked(bidder, "my-pledges");
  await first.page.goto(`${site}/officer/pledges`);
  await looked(first, "officer-pledges");
  // It ends with another code if anything is wrong.
  await run(program, ["verify", `${site}/pledges/${SALE}/bundle.zip`]);

  for (const one of [first, second, bank, notary, bidder, tax]) {
    assert.deepEqual(one.complaints.filter((text) => !/422|status of 4/.test(text)), [], one.name);
  }
});

test("annulment waits for another officer, and is entered with the second signature", { timeout: 120_000 }, async () => {
  const officers = [];
  for (const number of [3, 4]) {
    officers.push(await person(`officer-${number}`, "officer", `Officer ${number}`));
    await enrolKey(officers.at(-1));
  }
  const [first, second] = officers;
  await first.page.goto(`${site}/officer/drafts/new`);
  const land = { sale: "own-2", title_zh: "样例地块二", title_en: "Second sample parcel", parcel: "S2", place_zh: "样例路 2 号", industries: "C375" };
  for (const [name, value] of Object.entries(land)) await first.page.fill(`[name="${name}"]`, value);
  await first.page.fill('[name="moment.notice"]', inChina(Date.now() - 60_000));
  await first.page.click("text=Save and check");
  await first.page.waitForURL(/officer\/drafts\/[a-z2-7]+/);
  await signs(first.page, "form[data-cosign]");
  await second.page.goto(first.page.url());
  // A page that shows another lot than the notice is about is not signed.
  await second.page.evaluate(() => (document.getElementById("lot-text").defaultValue += "\n# another"));
  await signs(second.page, "form[data-cosign]", "bad");
  await second.page.reload();
  await signs(second.page, "form[data-cosign]");
  await second.page.waitForSelector("text=Published.");
  const manage = `${site}/officer/sales/own-2`;
  await first.page.waitForTimeout(1500);
  await first.page.goto(manage);
  await first.page.selectOption("#annul-cause", "collusion");
  await first.page.fill("#annul-reason", "Found in an inspection (sample)");
  await signs(first.page, "form[data-command=annul]", "plain");
  await first.page.waitForSelector("text=Another officer of the list must sign.");
  await looked(first, "officer-sale-pending");
  await second.page.goto(manage);
  await looked(second, "officer-sale-cosign");
  // Taken back it waits for nobody, and who did it is told; then once more.
  await signs(second.page, "form[data-take-back]");
  await second.page.waitForSelector("text=taken back by");
  assert.equal(await second.page.locator("form[data-cosign]").count(), 0);
  await first.page.goto(manage);
  await first.page.selectOption("#annul-cause", "collusion");
  await first.page.fill("#annul-reason", "Found in an inspection (sample)");
  await signs(first.page, "form[data-command=annul]", "plain");
  await first.page.waitForSelector("text=Another officer of the list must sign.");
  await second.page.goto(manage);
  await signs(second.page, "form[data-cosign]");
  await second.page.waitForSelector(".tag.bad:has-text('annulled')");
});
