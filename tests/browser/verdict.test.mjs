// What the page says of records that hold and of records that do not, against what the program says.
import assert from "node:assert/strict";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";

import { filesOf, fourPart, landgavel, reportOf, root, sale, zip } from "./bundles.mjs";
import { downloaded, drop, judge, launch, open, scratch, verdict } from "./harness.mjs";

let browser;
let folder;
let good;

before(async () => {
  [browser, folder] = await Promise.all([launch(), scratch()]);
  good = await fourPart(folder);
});

/** The good record with one of its files changed, as a zip. */
async function changed(name, path, change) {
  const files = await filesOf(good.folder);
  files.set(path, change(Buffer.from(files.get(path))));
  const archive = join(folder, `${name}.zip`);
  await writeFile(archive, zip([...files]));
  return archive;
}

test("a good record holds, its report is the program's byte for byte, and nothing is asked of any network", async () => {
  const { page, requests, complaints } = await open(browser);
  assert.equal(await judge(page, good.zip), "holds");
  assert.deepEqual(await downloaded(page), await reportOf(good.zip));
  const text = await page.textContent("#result");
  for (const words of ["记录成立", "温岭市", "2,503万元", "贰仟伍佰零叁万元整", "签名有效", "signatures are valid"]) {
    assert.ok(text.includes(words), `${words} is not in ${text}`);
  }
  const report = JSON.parse(await reportOf(good.zip));
  assert.ok(text.includes(report.subject.root) && text.includes(report.subject.notice));
  assert.equal(await page.locator("table.checks tbody tr.passed").count(), report.checks.length);
  assert.deepEqual([requests, complaints], [[], []]);
});

test("sealed bids and a draw hold in the page too", async () => {
  const unseen = join(root, "crates/landgavel/tests/unseen/three_plots");
  const sealed = await sale(folder, "sealed", `${unseen}.toml`, `${unseen}.commands.jsonl`);
  const { page } = await open(browser, { language: "en" });
  assert.equal(await judge(page, sealed.zip), "holds");
  assert.deepEqual(await downloaded(page), await reportOf(sealed.zip));
});

test("a changed bid is named with its entry, file and code", async () => {
  const path = [...(await filesOf(good.folder)).keys()].find((name) => name.startsWith("tile/entries/"));
  const bad = await changed("changed", path, (bytes) => {
    const at = bytes.indexOf("amount", bytes.length / 2) + 12;
    bytes[at] ^= 1;
    return bytes;
  });
  const report = JSON.parse(await reportOf(bad));
  assert.equal(report.verdict, "fails");
  assert.ok(report.wrong.entry > 0);
  const { page } = await open(browser, { language: "en" });
  assert.equal(await judge(page, bad), "fails");
  assert.deepEqual(await downloaded(page), await reportOf(bad));
  const text = await page.textContent("#result");
  const { entry, file, check, code, message } = report.wrong;
  for (const words of ["The record does not hold", `entry ${entry}.`, file, `${check}/${code}`, message]) {
    assert.ok(text.includes(words), `${words} is not in ${text}`);
  }
  assert.equal(await page.locator("table.checks tr.failed").count(), 1);
  assert.ok(!text.includes("Winner"));
});

test("another outcome than that of the rules is named", async () => {
  const bad = await changed("outcome", "outcome.json", (bytes) => Buffer.from(String(bytes).replace("2503", "2504")));
  const { page } = await open(browser);
  assert.equal(await judge(page, bad), "fails");
  assert.deepEqual(await downloaded(page), await reportOf(bad));
  assert.ok((await page.textContent("#result")).includes("公布的结果不是规则推出的结果"));
});

test("a folder that is chosen gives the report of the program on the folder", async () => {
  const { page } = await open(browser);
  await page.setInputFiles("#folder", good.folder);
  assert.equal(await verdict(page), "holds");
  assert.deepEqual(await downloaded(page), await reportOf(good.folder));
});

test("a zip file that is dropped is verified", async () => {
  const { page } = await open(browser);
  await drop(page, [good.zip]);
  assert.equal(await verdict(page), "holds");
});

test("a folder that is dropped is verified, or the page says which button takes it", async () => {
  const { page } = await open(browser);
  await drop(page, [good.folder]);
  await page.waitForSelector("#verdict, #complaint:not([hidden])");
  if (await page.isHidden("#complaint")) {
    assert.equal(await verdict(page), "holds");
    assert.deepEqual(await downloaded(page), await reportOf(good.folder));
  } else {
    assert.ok((await page.innerText("#complaint")).includes("选择文件夹"));
  }
});

test("a folder around the record is named, with what to do", async () => {
  const outer = join(folder, "outer");
  await mkdir(outer);
  await cp(good.folder, join(outer, "bundle"), { recursive: true });
  const { page } = await open(browser);
  await page.setInputFiles("#folder", outer);
  assert.equal(await verdict(page), "fails");
  assert.deepEqual(await downloaded(page), await reportOf(outer));
  assert.ok((await page.textContent("#result")).includes("含有 bundle.json 的那个文件夹"));
});

test("a policy and a notice of one's own are compared", async () => {
  const report = JSON.parse(await reportOf(good.zip));
  const policy = join(good.folder, "policy.txt");
  const { page } = await open(browser, { language: "en" });
  await page.click("#options summary");
  await page.setInputFiles("#policy", policy);
  await page.fill("#notice", ` ${report.subject.notice.toUpperCase()} `);
  assert.equal(await judge(page, good.zip), "holds");
  assert.deepEqual(await downloaded(page), await reportOf(good.zip, "--policy", policy, "--notice", report.subject.notice));
  assert.ok((await page.textContent("#result")).includes("from the policy that you gave"));

  // Another notice than the one that was published: the same record, verified again, does not hold.
  const other = "0".repeat(64);
  await page.fill("#notice", other);
  await page.click("#again");
  assert.equal(await verdict(page), "fails");
  assert.deepEqual(await downloaded(page), await reportOf(good.zip, "--policy", policy, "--notice", other));
});

test("what is no digest is refused before anything is read", async () => {
  const { page } = await open(browser, { language: "en" });
  await page.click("#options summary");
  await page.fill("#notice", "12");
  await page.setInputFiles("#archive", good.zip);
  await page.waitForSelector("#notice[aria-invalid=true]");
  assert.ok(await page.isVisible("#notice-wrong"));
  assert.equal(await page.evaluate(() => document.activeElement.id), "notice");
  assert.equal(await page.locator("#verdict").count(), 0);
});

test("markup in a title stays text", async () => {
  const lot = await readFile(join(root, "crates/landgavel/tests/unseen/three_plots.toml"), "utf8");
  const rules = "crates/landgavel/tests/unseen";
  const title = "<img src=x onerror=document.title=1><b>bold</b> \\u202Eback";
  const hostile = lot.replace(/^title = .*$/m, `title = { zh = "${title}", en = "${title}" }`);
  assert.notEqual(hostile, lot);
  const name = `${rules}/hostile-${process.pid}.toml`;
  await writeFile(join(root, name), hostile);
  try {
    const record = await sale(folder, "hostile", name, `${rules}/three_plots.commands.jsonl`);
    const { page, requests, complaints } = await open(browser);
    assert.equal(await judge(page, record.zip), "holds");
    assert.ok((await page.innerText(".sale")).includes("<b>bold</b>"));
    assert.equal(await page.locator("#result img, #result b").count(), 0);
    assert.deepEqual([requests, complaints], [[], []]);
  } finally {
    await rm(join(root, name));
  }
});

test("a verdict is told in both languages, whichever was chosen when it came", async () => {
  const { page } = await open(browser);
  await judge(page, good.zip);
  await page.click("[data-language=en]");
  assert.ok((await page.innerText("#verdict")).includes("The record holds"));
  assert.ok((await page.textContent("#result")).includes("CNY 25,030,000"));
  assert.equal(await page.getAttribute("html", "lang"), "en");
  assert.ok(page.url().endsWith("#en"));
  await page.click("[data-language=zh]");
  assert.ok((await page.innerText("#verdict")).includes("记录成立"));
});

test("the program that the page is compared with is there", async () => {
  assert.equal((await landgavel("--version")).code, 0);
});
