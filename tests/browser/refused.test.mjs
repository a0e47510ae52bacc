// What is no record: told in words, quickly, without harm.
import assert from "node:assert/strict";
import { mkdir, open as openFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { deflateRawSync } from "node:zlib";

import { filesOf, fourPart, reportOf, zip } from "./bundles.mjs";
import { downloaded, drop, judge, launch, open, scratch } from "./harness.mjs";

let browser;
let folder;
let good;

before(async () => {
  [browser, folder] = await Promise.all([launch(), scratch()]);
  good = await fourPart(folder);
});

async function file(name, bytes) {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

test("a file that is no zip is told, and another can be given at once", async () => {
  const { page, complaints } = await open(browser, { language: "en" });
  assert.equal(await judge(page, await file("noise.zip", Buffer.alloc(5000, "noise"))), "unread");
  assert.ok((await page.textContent("#result")).includes("no zip file of a record"));
  await page.setInputFiles("#archive", good.zip);
  await page.waitForSelector(".verdict.holds");
  assert.deepEqual(complaints, []);
});

test("an empty file and a zip that was cut short are told", async () => {
  const whole = await readFile(good.zip);
  for (const [name, bytes] of [["empty.zip", Buffer.alloc(0)], ["short.zip", whole.subarray(0, whole.length - 100)]]) {
    const { page } = await open(browser);
    assert.equal(await judge(page, await file(name, bytes)), "unread", name);
  }
});

test("names that lead out of an archive, and names that stand twice, are told", async () => {
  const content = Buffer.from("x");
  const out = await file("out.zip", zip([["../bundle.json", content]]));
  const twice = await file("twice.zip", zip([["bundle.json", content], ["bundle.json", content]]));
  for (const [archive, words] of [[out, "not a path inside a bundle"], [twice, "two files of one name"]]) {
    const { page } = await open(browser);
    assert.equal(await judge(page, archive), "unread");
    assert.ok((await page.textContent("#result")).includes(words));
  }
});

test("a file that swells is stopped at its limit, and the report is the program's", async () => {
  const size = 256 * 1024 * 1024;
  const zeros = Buffer.alloc(size);
  const files = [...(await filesOf(good.folder))].filter(([path]) => path !== "bundle.json");
  const bomb = await file("bomb.zip", zip([["bundle.json", zeros, deflateRawSync(zeros)], ...files]));
  const { page } = await open(browser);
  assert.equal(await judge(page, bomb), "fails");
  assert.deepEqual(await downloaded(page), await reportOf(bomb));
  assert.ok((await page.textContent("#result")).includes("files/too_large"));
});

test("a file of four gigabytes is told without reading it", async () => {
  const path = join(folder, "huge.zip");
  const huge = await openFile(path, "w");
  await huge.truncate(4 * 2 ** 30 + 1);
  await huge.close();
  const { page } = await open(browser, { language: "en" });
  const begun = performance.now();
  assert.equal(await judge(page, path), "unread");
  assert.ok(performance.now() - begun < 10_000);
  assert.ok((await page.textContent("#result")).includes("landgavel verify"));
});

test("a drop without a file, and an empty folder, are told", async () => {
  const { page } = await open(browser, { language: "en" });
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData("text/plain", "words");
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
  });
  await page.waitForSelector("#complaint:not([hidden])");
  assert.ok((await page.innerText("#complaint")).includes("no file"));
  const empty = join(folder, "nothing");
  await mkdir(empty);
  await drop(page, [empty]);
  await page.waitForFunction(() => /empty|Choose a folder/.test(document.querySelector("#complaint").textContent));
});

test("a policy that is none is named, and one that is too large is refused", async () => {
  const { page } = await open(browser, { language: "en" });
  await page.setInputFiles("#policy", await file("policy.txt", "nonsense\n"));
  assert.equal(await judge(page, good.zip), "fails");
  assert.ok((await page.textContent("#result")).includes("policy/unreadable"));
  await page.setInputFiles("#policy", await file("large.txt", Buffer.alloc(70_000, "#")));
  await page.click("#options summary");
  await page.click("#again");
  await page.waitForSelector(".verdict.unread");
  assert.ok((await page.textContent("#result")).includes("64 KiB"));
});

test("a browser that is too old is told", async () => {
  const { page } = await open(browser, {
    language: "en",
    before: () => {
      delete window.DecompressionStream;
      delete window.Worker;
    },
  });
  assert.equal(await judge(page, good.zip), "unread");
  assert.ok((await page.textContent("#result")).includes("too old"));
});

test("what the page may do is fixed: its own script and style, nothing from elsewhere", async () => {
  const { page } = await open(browser);
  const policy = await page.getAttribute("meta[http-equiv]", "content");
  assert.ok(policy.startsWith("default-src 'none'; script-src 'sha256-"), policy);
  assert.ok(!/unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')|https?:|\*/.test(policy), policy);
  const ran = await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.ran = true";
    document.body.append(script);
    return Boolean(window.ran);
  });
  assert.equal(ran, false);
  const fetched = await page.evaluate(() => fetch("https://example.invalid/").then(() => "fetched", () => "refused"));
  assert.equal(fetched, "refused");
});
