// The report of the module, as a page would get it: node report.mjs MODULE.wasm BUNDLE.zip
import { readFile } from "node:fs/promises";
import { stdout, argv, exit } from "node:process";

const [code, bundle] = await Promise.all(argv.slice(2, 4).map((path) => readFile(path)));
const module = await WebAssembly.compile(code);
let heard = 0;
const imports = { page: { progress: () => (heard += 1) } };
// A library names functions of a browser that writing archives would need. Reading calls none of them.
for (const { module: from, name } of WebAssembly.Module.imports(module)) {
  imports[from] ??= {};
  imports[from][name] ??= () => {
    throw new Error(`${from}.${name} was called`);
  };
}
const instance = await WebAssembly.instantiate(module, imports);
const { memory, reserve, run, text_start, text_bytes } = instance.exports;
const start = reserve(0, bundle.length);
new Uint8Array(memory.buffer, start, bundle.length).set(bundle);
const good = run();
stdout.write(Buffer.from(memory.buffer, text_start(), text_bytes()));
stdout.write("\n");
exit(good === 1 && heard > 0 ? 0 : 1);
