// Records for the tests, made by the program itself, and what is done to them.
import { execFile } from "node:child_process";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { env } from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { crc32 } from "node:zlib";

const run = promisify(execFile);
export const root = fileURLToPath(new URL("../..", import.meta.url));
/** The program whose reports the page must equal. */
export const program = env.LANDGAVEL ?? join(root, "target/debug/landgavel");

/** Runs the program; its exit code is not an error. */
export async function landgavel(...words) {
  try {
    return { code: 0, ...(await run(program, words, { cwd: root, encoding: "buffer", maxBuffer: 1 << 28 })) };
  } catch (error) {
    if (typeof error.code !== "number") {
      throw error;
    }
    return error;
  }
}

/** The report that the program prints. */
export async function reportOf(bundle, ...flags) {
  return (await landgavel("verify", "--json", bundle, ...flags)).stdout;
}

/** Runs a sale: a folder and a zip of it. */
export async function sale(folder, name, lot, commands) {
  const bundle = { folder: join(folder, name), zip: join(folder, `${name}.zip`) };
  const { stderr } = await landgavel("run", lot, "--commands", commands, "--out", bundle.folder, "--zip", bundle.zip);
  await readFile(bundle.zip).catch(() => {
    throw new Error(`no bundle was made: ${stderr}`);
  });
  return bundle;
}

/** The four-part sale of the readme. */
export function fourPart(folder) {
  const lot = "lots/cn/zhejiang/wenling/gy020108-2-four-part";
  return sale(folder, "four-part", `${lot}.toml`, `${lot}.commands.jsonl`);
}

/** A sale with so many bids of a hundred bidders in one ascending stage. */
export async function manyBids(folder, events) {
  const second = (ms) => new Date(Date.parse("2026-03-02T02:00:00Z") + ms + 8 * 3_600_000).toISOString();
  const at = (ms) => second(ms).replace("Z", "+08:00");
  const bidder = (index) => `B${String(index % 100).padStart(3, "0")}`;
  const lines = [];
  for (let index = 0; index < 100; index += 1) {
    lines.push({ at: at(-3_600_000), do: "apply", bidder: bidder(index) });
  }
  for (let index = 0; index < events; index += 1) {
    lines.push({ at: at(index), do: "bid", bidder: bidder(index), amount: `${10_000 + index} 元` });
  }
  const commands = join(folder, "many.jsonl");
  await writeFile(commands, lines.map((line) => JSON.stringify(line)).join("\n"));
  return sale(folder, "many", "crates/landgavel/src/bench/lot.toml", commands);
}

/** All files of a folder by their paths in it. */
export async function filesOf(folder) {
  const files = new Map();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) {
      const path = join(entry.parentPath ?? entry.path, entry.name);
      files.set(path.slice(folder.length + 1).replaceAll("\\", "/"), await readFile(path));
    }
  }
  return files;
}

/** A zip archive of pairs of name and content, stored; a third part gives other bytes and their true size. */
export function zip(files) {
  const parts = [];
  const listing = [];
  let offset = 0;
  for (const [name, content, packed] of files) {
    const bytes = Buffer.from(name);
    const stored = packed ?? content;
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0);
    head.writeUInt16LE(0x0800, 2);
    head.writeUInt16LE(packed ? 8 : 0, 4);
    head.writeUInt32LE(crc32(content), 10);
    head.writeUInt32LE(stored.length, 14);
    head.writeUInt32LE(content.length, 18);
    head.writeUInt16LE(bytes.length, 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    listing.push(Buffer.from("PK\x01\x02\x14\x00", "latin1"), head, rest, bytes);
    const local = [Buffer.from("PK\x03\x04", "latin1"), head, bytes, stored];
    parts.push(...local);
    offset += local.reduce((sum, part) => sum + part.length, 0);
  }
  const list = Buffer.concat(listing);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, list, end]);
}
