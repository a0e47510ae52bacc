// How long the page takes for a record of so many events, beside the program on the same machine, in turn:
// node bench.mjs EVENTS RUNS. Prints JSON. Times are of the whole: from the file given to the verdict seen.
import { execFileSync } from "node:child_process";
import { argv } from "node:process";

import { chromium } from "playwright-core";

import { manyBids, program, reportOf } from "./bundles.mjs";
import { FLAGS, browserPath, downloaded, open, scratchFolder, verdict } from "./harness.mjs";

const [events, runs] = argv.slice(2).map(Number);
const folder = await scratchFolder();
const browser = await chromium.launch({ executablePath: browserPath, args: FLAGS });
try {
  const { zip } = await manyBids(folder.path, events);
  const times = { native: [], page: [] };
  let same = true;
  for (let run = 0; run < runs; run += 1) {
    let begun = performance.now();
    execFileSync(program, ["verify", "--json", zip], { maxBuffer: 1 << 28 });
    times.native.push(performance.now() - begun);
    const { page, context } = await open(browser);
    begun = performance.now();
    await page.setInputFiles("#archive", zip);
    await verdict(page);
    times.page.push(performance.now() - begun);
    same &&= (await downloaded(page)).equals(await reportOf(zip));
    await context.close();
  }
  const median = (numbers) => Math.round([...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]);
  const [native_ms, page_ms] = [median(times.native), median(times.page)];
  const { subject } = JSON.parse(await reportOf(zip));
  const ratio = Math.round((page_ms / native_ms) * 100) / 100;
  const browserName = `Chromium ${browser.version()}`;
  console.log(JSON.stringify({ events, entries: subject.entries, runs, statistic: "median", native_ms, page_ms, ratio, same, browser: browserName }, null, 1));
} finally {
  await browser.close();
  await folder.remove();
}
