// Starts a browser on the page as a reader has it: a file on disk, and no network.
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { after } from "node:test";
import { pathToFileURL } from "node:url";

import { chromium } from "playwright-core";

const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** A browser of this machine; `CHROMIUM` names another. */
export const browserPath = env.CHROMIUM ?? BROWSERS.find((path) => existsSync(path));
/** The page, as `cargo xtask page` builds it. */
export const pagePath = env.LANDGAVEL_PAGE ?? new URL("../../target/page/verify.html", import.meta.url).pathname;

/** A browser that asks no network of its own accord. */
export const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** What is closed or removed when the tests of a file have ended. */
const endings = [];
// Under the test runner alone; a measurement closes what it opens itself.
if (env.NODE_TEST_CONTEXT) after(async () => {
  for (const end of endings.reverse()) {
    await end();
  }
});

/** Has something closed when the tests of a file have ended. */
export function atEnd(end) {
  endings.push(end);
}

/** A browser for the tests of a file. */
export async function launch(...flags) {
  const browser = await chromium.launch({ executablePath: browserPath, args: [...FLAGS, ...flags] });
  endings.push(() => browser.close());
  return browser;
}

/** A folder for passing files. */
export async function scratchFolder() {
  const path = await mkdtemp(join(tmpdir(), "landgavel-page-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** A folder for the tests of a file. */
export async function scratch() {
  const { path, remove } = await scratchFolder();
  endings.push(remove);
  return path;
}

/**
 * Opens the page. Gives it with `requests`, addresses asked for beyond the page itself, and `complaints`, what the
 * browser's console said. `before` runs in the page before its scripts.
 */
export async function open(browser, { language = "zh", width = 1280, scheme = "light", before } = {}) {
  const height = width < 600 ? 844 : 860;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, acceptDownloads: true });
  const page = await context.newPage();
  const requests = [];
  const complaints = [];
  const address = pathToFileURL(pagePath).href + (language === "en" ? "#en" : "");
  page.on("request", (request) => {
    const asked = request.url().split("#")[0];
    if (asked !== address.split("#")[0] && !/^(blob|data):/.test(asked)) {
      requests.push(request.url());
    }
  });
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  if (before) {
    await page.addInitScript(before);
  }
  await page.goto(address);
  return { page, requests, complaints, context };
}

/** Hands over a zip file and waits for the verdict: `holds`, `fails` or `unread`. */
export async function judge(page, archive) {
  await page.setInputFiles("#archive", archive);
  return verdict(page);
}

/** Waits for the verdict. */
export async function verdict(page) {
  await page.waitForSelector("#verdict", { timeout: 120_000 });
  const kinds = await page.locator(".verdict").getAttribute("class");
  return kinds.split(" ").find((kind) => kind !== "verdict");
}

/** The report as the reader downloads it. */
export async function downloaded(page) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(".actions button.loud")]);
  return readFile(await download.path());
}

/** Drops files or folders of this disk on the page, as a hand would. */
export async function drop(page, paths, { x = 600, y = 300 } = {}) {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) {
    await session.send("Input.dispatchDragEvent", { type, x, y, data });
  }
}
