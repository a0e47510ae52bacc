// Every page that anybody may open, at every point of a sale: nothing stands in the way, nothing leads nowhere.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { env } from "node:process";
import { before, test } from "node:test";
import { promisify } from "node:util";

import { landgavel } from "./bundles.mjs";
import { demonstration, obstacles, until, visit } from "./hall.mjs";
import { launch, scratch } from "./harness.mjs";

const PAGES = ["/", "/help", "/login", "/join", "/demo", "/sales/demo", "/sales/demo/room", "/sales/demo/record", "/scores", `/scores/sample-2031/firm?name=${encodeURIComponent("样本丁公司")}`, "/nowhere"];
const AFTER = ["/", "/demo", "/sales/demo", "/sales/demo/room", "/sales/demo/record", "/sales/demo/result", "/sales/demo/confirmation"];
const SETTINGS = [
  { language: "zh", scheme: "light", width: 1280 },
  { language: "en", scheme: "dark", width: 1280 },
  { language: "zh", scheme: "dark", width: 390 },
  { language: "en", scheme: "light", width: 390 },
];

const run = promisify(execFile);
let browser;
let address;
before(async () => {
  [browser, address] = await Promise.all([launch(), demonstration("--speed", "60", "--wait", "600")]);
});

async function look(paths) {
  for (const setting of SETTINGS) {
    const { page, context, complaints } = await visit(browser, address, setting);
    for (const path of paths) {
      await page.goto(address + path);
      await page.waitForLoadState("load");
      if (path.endsWith("/room")) await page.waitForSelector("[data-at=pulse][data-state=connected]");
      const where = `${path} ${Object.values(setting).join(" ")}`;
      assert.deepEqual(await obstacles(page), [], where);
      assert.equal(await page.getAttribute("html", "lang"), setting.language === "zh" ? "zh-Hans" : "en", where);
    }
    assert.deepEqual(complaints.filter((said) => !said.includes("404")), []);
    await context.close();
  }
}

/** Follows every link of a page that leads into the hall. */
async function linksHold(paths) {
  const { page, context } = await visit(browser, address);
  const known = new Set();
  for (const path of paths) {
    await page.goto(address + path);
    for (const link of await page.$$eval("a[href]", (links) => links.map((one) => one.href))) {
      const asked = link.split("#")[0];
      if (known.has(asked) || !asked.startsWith(address)) continue;
      known.add(asked);
      const { status } = await fetch(asked, { redirect: "manual" });
      assert.ok(status < 400, `${path} leads to ${asked}: ${status}`);
    }
  }
  await context.close();
  return known.size;
}

test("before the bidding nothing stands in anybody's way", async () => {
  await until(address, (frame) => frame.entries > 6);
  await look(PAGES);
});

test("the verifier is served with the hall and stays within its own policy", async () => {
  const { page, context, complaints } = await visit(browser, address);
  await page.goto(`${address}/verify`);
  assert.deepEqual(await obstacles(page), []);
  assert.deepEqual(complaints, []);
  await context.close();
});

test("published scores are whole documents under a policy that lets their own style through, and a firm finds its grade", async () => {
  for (const [name, words] of [["sample-2031", "样本丁公司"], ["yiwu-2025-11", "302.8"]]) {
    for (const width of [390, 1280]) {
      const { page, context, complaints } = await visit(browser, address, { language: "zh", width });
      await page.goto(`${address}/scores/${name}`);
      assert.ok((await page.innerText("main")).includes(words), name);
      assert.equal(await page.evaluate(() => getComputedStyle(document.body).margin !== "8px"), true, "its style holds");
      assert.deepEqual(await obstacles(page), [], name);
      assert.deepEqual(complaints, [], name);
      await context.close();
    }
  }
  const { page, context } = await visit(browser, address, { language: "en" });
  await page.goto(`${address}/scores`);
  await page.fill("input[name=name]", "样本丁公司");
  await page.keyboard.press("Enter");
  await page.waitForSelector("table");
  assert.match(await page.innerText("main"), /Grade\s+A/);
  await context.close();
});

test("while robots bid the room shows them to everybody alike", async () => {
  await fetch(`${address}/demo/begin`, { method: "POST", headers: { "sec-fetch-site": "same-origin", origin: address }, redirect: "manual" });
  await until(address, (frame) => frame.offers.length > 1);
  await look(["/sales/demo/room"]);
  const { page, context } = await visit(browser, address, { language: "en" });
  await page.goto(`${address}/sales/demo/room`);
  await page.waitForFunction(() => document.querySelectorAll("[data-at=history] li").length > 1);
  assert.match(await page.innerText("[data-at=verdict]"), /watching/);
  assert.equal(await page.locator("[data-at=bidding]").count(), 0);
  await context.close();
});

test("after the award every page is there, every link leads somewhere, and the record verifies", async () => {
  await until(address, (frame) => frame.status === "awarded" && frame.seen.size === frame.entries);
  await look(AFTER);
  assert.ok((await linksHold([...PAGES.slice(0, -1), ...AFTER])) > 30);
  const folder = await scratch();
  const bundle = join(folder, "bundle.zip");
  await writeFile(bundle, Buffer.from(await (await fetch(`${address}/sales/demo/bundle.zip`)).arrayBuffer()));
  assert.equal((await landgavel("verify", bundle)).code, 0);
});

test("whoever reads of a sale that is over verifies it there with one press", async () => {
  for (const [path, language, words] of [["/sales/demo", "zh", "记录成立"], ["/sales/demo/result", "en", "The record holds"], ["/sales/demo/record", "zh", "记录成立"]]) {
    const { page, context, complaints } = await visit(browser, address, { language, width: 390 });
    await page.goto(address + path);
    await page.click(".verify .button:not(.quiet)");
    await page.waitForSelector("#verdict", { timeout: 120_000 });
    assert.ok((await page.innerText("#verdict")).includes(words), path);
    assert.deepEqual(await obstacles(page), [], path);
    assert.deepEqual(complaints, [], path);
    await context.close();
  }
});

/** What the public validator of OCDS says of the sale's release package; null when it needs a network that is not there. */
async function judged(name) {
  const folder = await scratch();
  const file = join(folder, `${name}.json`);
  await writeFile(file, await (await fetch(`${address}/sales/demo/ocds.json`)).text());
  // Without a network the schemas come from a zip of the standard's repository.
  const schemas = env.OCDS_STANDARD_ZIP ? ["--standard-zip", env.OCDS_STANDARD_ZIP] : [];
  try {
    const { stdout } = await run(env.LIBCOVEOCDS, [...schemas, "-d", "-o", join(folder, "out"), file], { maxBuffer: 1 << 26 });
    return JSON.parse(stdout);
  } catch (error) {
    if (/ConnectionError|NameResolution|Max retries/.test(String(error.stderr))) return null;
    throw error;
  }
}

test("notice and result pass the public validator of OCDS", { skip: !env.LIBCOVEOCDS && "libcoveocds is not at hand" }, async (t) => {
  const report = await judged("award");
  if (report === null) return t.skip("the validator needs the network for its schemas");
  assert.deepEqual([report.validation_errors, report.all_additional_fields, report.deprecated_fields], [[], [], []]);
  const { releases } = await (await fetch(`${address}/sales/demo/ocds.json`)).json();
  assert.deepEqual(releases[0].tag, ["tender", "award"]);
  assert.equal(releases[0].awards[0].value.currency, "CNY");
});

test("the dates of the notice are a calendar that others read", async () => {
  const text = await (await fetch(`${address}/sales/demo/calendar.ics`)).text();
  assert.ok(text.startsWith("BEGIN:VCALENDAR\r\n") && text.endsWith("END:VCALENDAR\r\n"));
  assert.ok(text.split("\r\n").every((part) => Buffer.byteLength(part) <= 75));
  assert.equal(text.match(/BEGIN:VEVENT/g).length, 7);
  assert.match(text, /DTSTART:20260417T020000Z/);
});

test("papers as PDF say what the pages say, in either language, with the root on each page", async (t) => {
  const folder = await scratch();
  const bare = (text) => text.replace(/\s/g, "");
  for (const [paper, language, foot] of [["confirmation", "zh", "第1页，共1页"], ["result", "en", "Page1of1"]]) {
    const { page, context } = await visit(browser, address, { language });
    await page.goto(`${address}/sales/demo/${paper}`);
    const [link] = await page.$$eval("a[type='application/pdf']", (links) => links.map((one) => one.href));
    if (!link) return t.skip("no font with Chinese is installed");
    const said = await page.$$eval(".paper h1, .paper h2, .paper p, .paper dd, .paper li, .paper code", (parts) => parts.map((one) => one.innerText));
    await context.close();
    const [answer, again] = [await fetch(link), await fetch(link)];
    assert.equal(answer.headers.get("content-type"), "application/pdf");
    const bytes = Buffer.from(await answer.arrayBuffer());
    assert.ok(bytes.equals(Buffer.from(await again.arrayBuffer())), "one address is one paper");
    const file = join(folder, `${paper}.pdf`);
    await writeFile(file, bytes);
    const read = await run("pdftotext", [file, "-"]).catch((error) => (error.code === "ENOENT" ? null : Promise.reject(error)));
    if (read === null) return t.skip("pdftotext is not installed");
    const text = bare(read.stdout);
    for (const part of [...said, foot]) assert.ok(text.includes(bare(part)), `${part}: ${read.stdout}`);
  }
});

test("papers are printed without what is for the screen", async () => {
  const { page, context } = await visit(browser, address);
  for (const path of ["/sales/demo/result", "/sales/demo/confirmation", "/sales/demo"]) {
    await page.goto(address + path);
    await page.emulateMedia({ media: "print" });
    for (const part of [".masthead", "footer.page", ".buttons"]) {
      assert.ok(await page.locator(part).first().isHidden(), `${path} ${part}`);
    }
    const pdf = await page.pdf({ preferCSSPageSize: true });
    assert.ok(pdf.length > 10_000);
    await page.emulateMedia({ media: "screen" });
  }
  await context.close();
});
