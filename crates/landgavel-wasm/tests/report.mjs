// The report of the module, as the page gets it: node report.mjs MODULE.wasm BUNDLE.zip
// It runs the page's own code, with the file on disk in the place of the one that a reader chooses.
import { readFile } from "node:fs/promises";
import { openAsBlob } from "node:fs";
import { argv, exit, stdout } from "node:process";
import vm from "node:vm";

const [module, bundle] = argv.slice(2, 4);
const source = await readFile(new URL("../page/module.js", import.meta.url), "utf8");
const { verifyWith } = vm.runInThisContext(`(() => { ${source}; return { verifyWith }; })()`);

let last = [0, 0, 0];
const hear = {
  reading() {},
  progress(...numbers) {
    if (numbers.some((number, index) => number < last[index])) {
      throw new Error(`progress goes back: ${last} then ${numbers}`);
    }
    last = numbers;
  },
};
const task = { archive: await openAsBlob(bundle), files: null, policy: null, notice: "" };
const { report, outcome } = await verifyWith(await WebAssembly.compile(await readFile(module)), task, hear);
stdout.write(`${report}\n`);
const isWhole = last[2] > 0 && last[0] === last[2] && last[1] === last[2];
const { format, verdict } = JSON.parse(report);
// How a pledge stands is in its report.
const isTold = format === "landgavel-pledge-report/1" ? outcome === null : outcome.zh.status !== "";
exit(isWhole && verdict === "holds" && isTold ? 0 : 1);
