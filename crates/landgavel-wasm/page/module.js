// The verifier's module: unpacked from the page, fed with bytes, run. The same code serves a worker and, where
// none can be had, the page itself.

/** Rooms of the module, as its exports number them. */
const ROOM = { archive: 0, file: 1, path: 2, policy: 3, notice: 4, report: 5, outcome: 6, legend: 7 };
/** Bytes of a file that are read at once. */
const PIECE = 4 * 1024 * 1024;
/** Most bytes that the page takes: the module has 4 GiB of memory at most, and works in it. */
const BYTES_MAX = 1024 * 1024 * 1024;
/** Most files, as the verifier has it for archives. */
const FILES_MAX = 100_000;
/** Most bytes of a policy. */
const POLICY_MAX = 64 * 1024;
/** Milliseconds that the page computes before it answers again, where there is no worker. */
const BREATH_MS = 30;

/** Why there is no verdict: a name in `WORDS.….faults`, and details in English. */
class Fault extends Error {
  constructor(kind, details = "") {
    super(details);
    this.kind = kind;
    this.details = details;
  }
}

/** Unpacks and compiles the module. */
async function loadModule(packed) {
  if (typeof DecompressionStream === "undefined" || typeof WebAssembly === "undefined") {
    throw new Fault("browser");
  }
  const bytes = Uint8Array.from(atob(packed.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  try {
    return await WebAssembly.compile(await new Response(stream).arrayBuffer());
  } catch (error) {
    throw new Fault("browser", String(error));
  }
}

/** A fresh instance; a verdict never meets what an earlier one left in memory. */
async function instance(module, progress) {
  const imports = { page: { progress } };
  // A library of the module names functions that only making archives would need. Reading calls none of them.
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    imports[from][name] ??= () => {
      throw new Error(`${from}.${name} was called`);
    };
  }
  return (await WebAssembly.instantiate(module, imports)).exports;
}

function textOf(exports, room) {
  const bytes = new Uint8Array(exports.memory.buffer, exports.text_start(room), exports.text_bytes(room));
  return new TextDecoder().decode(bytes);
}

/** The words for checks, caveats and codes. */
async function legendOf(module) {
  const exports = await instance(module, () => {});
  exports.legend();
  return JSON.parse(textOf(exports, ROOM.legend));
}

function place(exports, room, bytes) {
  const start = exports.reserve(room, bytes);
  if (start === 0) {
    throw new Fault("memory");
  }
  // Addresses beyond 2 GiB come as negative numbers.
  return start >>> 0;
}

/** Copies a file into a room, piece by piece, so that it is held once only. */
async function write(exports, room, file, read) {
  const start = place(exports, room, file.size);
  for (let at = 0; at < file.size; at += PIECE) {
    let piece;
    try {
      piece = new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer());
    } catch (error) {
      throw new Fault("fileRefused", `${file.name}: ${error.message}`);
    }
    new Uint8Array(exports.memory.buffer).set(piece, start + at);
    read(piece.length);
  }
}

function writeText(exports, room, text) {
  const bytes = new TextEncoder().encode(text);
  new Uint8Array(exports.memory.buffer).set(bytes, place(exports, room, bytes.length));
}

/** What is given is within the limits of the page, or a fault. */
function checkLimits(task) {
  const files = task.archive ? [task.archive] : task.files.map((one) => one.file);
  const total = files.reduce((sum, file) => sum + file.size, 0);
  if (files.length > FILES_MAX) {
    throw new Fault("tooMany");
  }
  if (total > BYTES_MAX) {
    throw new Fault("tooLarge", `${(total / 2 ** 30).toFixed(2)} GiB`);
  }
  if (task.policy && task.policy.size > POLICY_MAX) {
    throw new Fault("policyLarge");
  }
  return total;
}

/**
 * Verifies. `task` has `archive` (a file) or `files` (`path` and `file`), `policy` (a file or null) and `notice`
 * (digits or nothing); `hear` has `reading(done, total)` and `progress(prepared, judged, total)`. With
 * `hear.pause`, a promise, the computation gives way to the page from time to time.
 *
 * Gives `report`, the text of the report, and `outcome`, the outcome in words.
 */
async function verifyWith(module, task, hear) {
  const total = checkLimits(task);
  const yields = Boolean(hear.pause) && "Suspending" in WebAssembly && "promising" in WebAssembly;
  let last = performance.now();
  const progress = (...numbers) => {
    hear.progress(...numbers.map((number) => number >>> 0));
    if (yields && performance.now() - last > BREATH_MS) {
      return hear.pause().then(() => {
        last = performance.now();
      });
    }
  };
  const exports = await instance(module, yields ? new WebAssembly.Suspending(progress) : progress);
  let done = 0;
  const read = (bytes) => {
    done += bytes;
    hear.reading(done, total);
  };
  if (task.archive) {
    await write(exports, ROOM.archive, task.archive, read);
  }
  for (const { path, file } of task.files ?? []) {
    await write(exports, ROOM.file, file, read);
    writeText(exports, ROOM.path, path);
    exports.add_file();
  }
  if (task.policy) {
    await write(exports, ROOM.policy, task.policy, () => {});
  }
  writeText(exports, ROOM.notice, task.notice);
  const run = yields ? WebAssembly.promising(exports.run) : exports.run;
  let good;
  try {
    good = await run();
  } catch (error) {
    if (error instanceof Fault || error instanceof Cancelled) {
      throw error;
    }
    throw new Fault("stopped", String(error));
  }
  const text = textOf(exports, ROOM.report);
  if (!good) {
    throw new Fault(text.startsWith("--") ? "given" : "archive", text);
  }
  return { report: text, outcome: JSON.parse(textOf(exports, ROOM.outcome)) };
}

/** The reader does not want to wait. */
class Cancelled extends Error {}
