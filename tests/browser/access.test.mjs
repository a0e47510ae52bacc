// Everybody can use the page: by keyboard alone, by ear, on a phone, in the dark, on paper.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { before, test } from "node:test";

import { filesOf, fourPart, zip } from "./bundles.mjs";
import { judge, launch, open, scratch, verdict } from "./harness.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

let browser;
let given;

before(async () => {
  const folder = await scratch();
  browser = await launch();
  const good = await fourPart(folder);
  const files = await filesOf(good.folder);
  files.set("outcome.json", Buffer.from("{}\n"));
  const bad = join(folder, "bad.zip");
  const noise = join(folder, "noise.zip");
  await writeFile(bad, zip([...files]));
  await writeFile(noise, "noise");
  given = { holds: good.zip, fails: bad, unread: noise };
});

/** A page in one of its states. */
async function shown(state, setting) {
  // A verification that never ends shows the page while it runs.
  const before = state === "running" ? () => (WebAssembly.instantiate = () => new Promise(() => {})) : undefined;
  const opened = await open(browser, { ...setting, before: before && `(${before})(); delete window.Worker;` });
  const { page } = opened;
  if (state === "running") {
    await page.waitForSelector("#choose-archive");
    await page.setInputFiles("#archive", given.holds);
    await page.waitForSelector("#running:not([hidden])");
  } else if (state === "options") {
    await page.click("#options summary");
    await page.fill("#notice", "12");
    await page.setInputFiles("#archive", given.holds);
    await page.waitForSelector("#notice[aria-invalid=true]");
  } else if (state !== "empty") {
    assert.equal(await judge(page, given[state]), state);
  }
  return opened;
}

for (const language of ["zh", "en"]) {
  for (const scheme of ["light", "dark"]) {
    for (const width of [1280, 390]) {
      test(`nothing stands in anybody's way: ${language}, ${scheme}, ${width}`, async () => {
        for (const state of ["empty", "options", "running", "holds", "fails", "unread"]) {
          const { page, context } = await shown(state, { language, scheme, width });
          await page.evaluate(axe);
          const { violations } = await page.evaluate((values) => window.axe.run({ runOnly: { type: "tag", values } }), RULES);
          const found = violations.map(({ id, nodes }) => `${state}: ${id}: ${nodes.map((node) => node.target).join(" ")}`);
          assert.deepEqual(found, []);
          const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(beyond <= 0, `${state} is ${beyond} px wider than the window`);
          await context.close();
        }
      });
    }
  }
}

test("the keyboard alone leads from the start to the report", async () => {
  const { page } = await open(browser, { language: "en" });
  const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.textContent);
  // Listened to from the start, so that the browser never opens a window of its own.
  page.on("filechooser", (chooser) => chooser.setFiles(given.holds));
  const order = [];
  for (let presses = 0; presses < 6; presses += 1) {
    await page.keyboard.press("Tab");
    order.push(await focused());
  }
  assert.deepEqual(order.slice(0, 4), ["中文", "English", "choose-archive", "choose-folder"]);
  await page.focus("#choose-archive");
  await page.keyboard.press("Enter");
  assert.equal(await verdict(page), "holds");
  assert.equal(await focused(), "verdict");
  // From the verdict on to the button that brings what the reader trusts.
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.ok(await page.isVisible("#notice"));
  await page.focus(".actions button.loud");
  const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
  assert.equal(download.suggestedFilename(), "landgavel-report.json");
});

test("every focus can be seen", async () => {
  const { page } = await open(browser);
  await page.click("#options summary");
  const seen = new Set();
  for (let presses = 0; presses < 8; presses += 1) {
    await page.keyboard.press("Tab");
    const { name, outline } = await page.evaluate(() => ({
      name: document.activeElement.outerHTML.slice(0, 60),
      outline: getComputedStyle(document.activeElement).outlineStyle,
    }));
    if (!name.startsWith("<body")) {
      assert.notEqual(outline, "none", name);
      seen.add(name);
    }
  }
  assert.ok(seen.size >= 6, [...seen].join());
});

test("who hears the page hears the verdict and what is wrong", async () => {
  const { page } = await open(browser, { language: "en" });
  await judge(page, given.holds);
  assert.match(await page.innerText("#live"), /All \d+ entries were computed again, and all 13 checks passed/);
  await page.setInputFiles("#archive", given.fails);
  await page.waitForSelector(".verdict.fails");
  assert.match(await page.innerText("#live"), /first thing wrong is in the file outcome.json/);
  assert.equal(await page.getAttribute("#live", "role"), "status");
});

test("paper gets the verdict and its limits, and no buttons", async () => {
  const { page } = await open(browser);
  await judge(page, given.holds);
  await page.emulateMedia({ media: "print" });
  for (const part of [".verdict", "table.checks", "#limits", "footer"]) {
    assert.ok(await page.isVisible(part), part);
  }
  for (const part of [".languages", "#intake", ".actions"]) {
    assert.ok(await page.isHidden(part), part);
  }
});

test("text twice as large still fits a phone", async () => {
  const { page } = await open(browser, { width: 390, language: "en" });
  await page.evaluate(() => (document.documentElement.className = "large"));
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(".large { font-size: 200% }");
    document.adoptedStyleSheets = [sheet];
  });
  await judge(page, given.fails);
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize), "32px");
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(beyond <= 0, `${beyond} px wider than the window`);
});
