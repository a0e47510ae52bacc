// A hall for the tests of a file: the demonstration, as its reader starts it, and a line to it that can be cut.
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { connect, createServer } from "node:net";
import { test } from "node:test";

import { program, root } from "./bundles.mjs";
import { atEnd } from "./harness.mjs";

/** Starts a demonstration; gives its address once it listens. It ends with the tests of the file. */
export async function demonstration(...flags) {
  const child = spawn(program, ["demo", "--listen", "127.0.0.1:0", ...flags], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  atEnd(() => child.kill("SIGTERM"));
  const told = [];
  child.stderr.on("data", (some) => told.push(String(some)));
  const address = await new Promise((resolve, reject) => {
    child.stdout.on("data", (some) => /^http:\S+/.test(String(some)) && resolve(String(some).trim().split("\n")[0]));
    child.on("exit", (code) => reject(new Error(`the hall ended with ${code}: ${told.join("")}`)));
  });
  return address.replace(/\/$/, "");
}

/**
 * A line to a hall. While it is cut nothing passes; `swallow` lets requests pass and loses the next answer to a
 * command, as a line that breaks at the worst moment does.
 */
export async function line(address) {
  const { port } = new URL(address);
  const state = { isCut: false, swallows: false, swallowed: 0 };
  const sockets = new Set();
  const server = createServer((near) => {
    if (state.isCut) return near.destroy();
    const far = connect(Number(port), "127.0.0.1");
    let isCommand = false;
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.on("data", (some) => {
      if (/^POST \S+\/commands /.test(String(some))) isCommand = true;
      far.write(some);
    });
    far.on("data", (some) => {
      if (state.swallows && isCommand) {
        state.swallows = false;
        state.swallowed += 1;
        near.destroy();
      } else {
        near.write(some);
      }
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  atEnd(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    /** What makes a browser reach the hall by this line, under the hall's own address. */
    flag: `--host-resolver-rules=MAP 127.0.0.1 127.0.0.1:${server.address().port}`,
    state,
    cut() {
      state.isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    mend() {
      state.isCut = false;
    },
  };
}

/** Tests that follow one another: when one fails, those after it say so at once. */
export function story() {
  let failed = null;
  return (name, tell) =>
    test(name, async () => {
      if (failed) throw new Error(`“${failed}” failed before`);
      failed = name;
      await tell();
      failed = null;
    });
}

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What stands in somebody's way on a page: findings of axe, and content wider than the window. */
export async function obstacles(page) {
  // The hall's policy lets no inline script in; a browser's own tools may.
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: axe });
  const expression = `axe.run({ runOnly: { type: "tag", values: ${JSON.stringify(RULES)} } })
    .then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes.map((node) => node.target).join(" ")))`;
  const { result, exceptionDetails } = await session.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
  if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
  await session.detach();
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  return beyond > 0 ? [...result.value, `${beyond} px wider than the window`] : result.value;
}

/** Opens a page of a hall; `complaints` collects what the console says and what is asked of other hosts. */
export async function visit(browser, address, { width = 1280, language = "zh", scheme = "light" } = {}) {
  const height = width < 600 ? 844 : 860;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, acceptDownloads: true });
  await context.addCookies([{ name: "lang", value: language, url: address }]);
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith("http") && origin !== address) complaints.push(`asks ${request.url()}`);
  });
  return { context, page, complaints };
}

/** What everybody sees of the demonstration's sale. */
export async function frame(address) {
  return (await fetch(`${address}/api/v1/sales/demo`)).json();
}

/** Waits until something holds of the frame. */
export async function until(address, holds, within = 120_000) {
  const end = Date.now() + within;
  for (;;) {
    const now = await frame(address);
    if (holds(now)) return now;
    if (Date.now() > end) throw new Error(`in vain: ${holds}; ${JSON.stringify(now).slice(0, 900)}`);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}
