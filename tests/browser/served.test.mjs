// The page as a server gives it: the same verdict, and still nothing is asked of it or of anybody else.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

import { fourPart, reportOf } from "./bundles.mjs";
import { downloaded, judge, launch, pagePath, scratch } from "./harness.mjs";

const asked = [];
let server;

before(async () => {
  const page = await readFile(pagePath);
  server = createServer((request, response) => {
    asked.push(request.url);
    // As a hall sends it: in nobody's frame. The page's own policy says the rest.
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-security-policy": "frame-ancestors 'none'" });
    response.end(page);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
});

after(() => server.close());

test("a page from a server verifies without asking it for anything more", async () => {
  const [browser, folder] = await Promise.all([launch(), scratch()]);
  const good = await fourPart(folder);
  const page = await browser.newPage({ acceptDownloads: true });
  const complaints = [];
  page.on("console", (message) => complaints.push(message.text()));
  await page.goto(`http://127.0.0.1:${server.address().port}/verify`);
  assert.equal(await judge(page, good.zip), "holds");
  assert.deepEqual(await downloaded(page), await reportOf(good.zip));
  assert.deepEqual([asked, complaints], [["/verify"], []]);
});
