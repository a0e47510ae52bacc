// The page as a server gives it: the same verdict, and nothing is asked of it but the record that an address names.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";

import { fourPart, reportOf } from "./bundles.mjs";
import { downloaded, judge, launch, pagePath, scratch, verdict } from "./harness.mjs";

const asked = [];
let server;
let good;
/** What is answered where a record is asked for. */
let record = async (response) => response.end(await readFile(good.zip));

before(async () => {
  const page = await readFile(pagePath);
  good = await fourPart(await scratch());
  server = createServer((request, response) => {
    asked.push(request.url);
    if (request.url.endsWith("/bundle.zip")) return record(response);
    // As a hall sends it: in nobody's frame. The page's own policy says the rest.
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-security-policy": "frame-ancestors 'none'" });
    response.end(page);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
});

after(() => server.close());

/** Waits until a record has been asked for so many times. */
async function asks(times) {
  while (asked.filter((path) => path.endsWith("/bundle.zip")).length < times) {
    await setTimeout(20);
  }
}

async function visit(fragment) {
  asked.length = 0;
  const browser = await launch();
  const page = await browser.newPage({ acceptDownloads: true });
  const complaints = [];
  page.on("console", (message) => complaints.push(message.text()));
  await page.goto(`http://127.0.0.1:${server.address().port}/verify${fragment}`);
  return { page, complaints };
}

test("a page from a server verifies without asking it for anything more", async () => {
  const { page, complaints } = await visit("");
  assert.equal(await judge(page, good.zip), "holds");
  assert.deepEqual(await downloaded(page), await reportOf(good.zip));
  assert.deepEqual([asked, complaints], [["/verify"], []]);
});

test("the record that the address names is fetched and verified, in its language, and again when the page is loaded again", async () => {
  const { page, complaints } = await visit("#en&bundle=/sales/p1.2_x/bundle.zip");
  assert.equal(await verdict(page), "holds");
  assert.ok((await page.innerText("#verdict")).includes("The record holds"));
  assert.ok((await page.innerText("#result")).includes("p1.2_x.zip"));
  assert.deepEqual(await downloaded(page), await reportOf(good.zip));
  await page.click("[data-language=zh]");
  assert.ok(page.url().endsWith("#zh&bundle=/sales/p1.2_x/bundle.zip"));
  await page.reload();
  assert.equal(await verdict(page), "holds");
  assert.deepEqual([asked.filter((path) => path !== "/verify"), complaints], [Array(2).fill("/sales/p1.2_x/bundle.zip"), []]);
});

test("an address that names anything but a record of this server's has nothing fetched", async () => {
  const others = ["//evil.example/sales/x/bundle.zip", "https://evil.example/bundle.zip", "/sales/../bundle.zip", "/sales/x/../../bundle.zip",
    "/sales/x/bundle.zip?to=evil", "/sales/%2e%2e/bundle.zip", "/officer", "/sales/x/y/bundle.zip", "sales/x/bundle.zip"];
  for (const other of others) {
    const { page, complaints } = await visit(`#bundle=${other}`);
    await page.waitForSelector("#complaint:not([hidden])");
    assert.ok((await page.innerText("#complaint")).includes("只从提供它的大厅"), other);
    assert.deepEqual([asked, complaints], [["/verify"], []], other);
  }
});

test("a record that cannot be had is no verdict, and one that comes slowly can be left", async () => {
  const { page } = await visit("");
  const go = async (language, answer) => {
    record = answer;
    await page.evaluate((to) => (location.hash = to), `#${language}&bundle=/sales/x/bundle.zip`);
  };
  await go("en", (response) => response.writeHead(403).end("{}"));
  await page.waitForSelector("#complaint:not([hidden])");
  assert.ok((await page.innerText("#complaint")).includes("could not be fetched"));
  await go("zh", (response) => response.writeHead(302, { location: "/verify" }).end());
  // The first complaint is told in the other language at once, so the second question is waited for before its complaint.
  await asks(2);
  await page.waitForSelector("#complaint:not([hidden])");
  assert.ok((await page.innerText("#complaint")).includes("记录未能取得"));
  assert.ok(!asked.slice(1).includes("/verify"));
  await go("en", (response) => response.writeHead(200).write("PK"));
  await page.waitForSelector("#cancel:visible");
  await page.waitForFunction(() => document.getElementById("figures").textContent.includes("Fetching the record"));
  await page.click("#cancel");
  await page.waitForSelector("#intake:not([hidden])");
  assert.ok(await page.isHidden("#complaint"));
  assert.equal(await page.textContent("#live"), "Cancelled.");
  assert.equal(await page.locator("#verdict").count(), 0);
});

test("an address that names another record leaves the one that still comes, and the last named one is verified", async () => {
  let left = 0;
  const slow = (response) => {
    response.on("close", () => (left += 1));
    response.writeHead(200).write("PK");
  };
  const bundle = await readFile(good.zip);
  record = slow;
  const { page } = await visit("#en&bundle=/sales/first/bundle.zip");
  await page.waitForSelector("#cancel:visible");
  await page.evaluate(() => (location.hash = "#en&bundle=/sales/second/bundle.zip"));
  await page.waitForFunction(() => document.getElementById("running-file").textContent.includes("second"));
  record = (response) => response.end(bundle);
  await page.evaluate(() => (location.hash = "#en&bundle=/sales/third/bundle.zip"));
  assert.equal(await verdict(page), "holds");
  assert.ok((await page.innerText("#result")).includes("third.zip"));
  assert.equal(left, 2);
});
