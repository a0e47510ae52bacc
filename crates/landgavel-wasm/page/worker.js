// Where the verifier runs: a worker made from this very script, or the page itself where none can be had.

/** Answers the page, inside a worker. */
function serve() {
  let module;
  const tell = (kind, content = {}) => postMessage({ kind, ...content });
  const work = {
    async load({ packed }) {
      module = await loadModule(packed);
      tell("ready", { legend: await legendOf(module) });
    },
    async verify({ task }) {
      const hear = {
        reading: (done, total) => tell("reading", { numbers: [done, total] }),
        progress: (...numbers) => tell("progress", { numbers }),
      };
      tell("verdict", await verifyWith(module, task, hear));
    },
  };
  onmessage = async ({ data }) => {
    try {
      await work[data.kind](data);
    } catch (error) {
      tell("fault", { fault: error.kind ?? "stopped", details: error.message });
    }
  };
}

/** A verifier for the page: `ready` gives the legend, `verify` a verdict, `cancel` ends what runs. */
class Verifier {
  constructor(source, packed) {
    this.source = source;
    this.packed = packed;
    this.makeReady();
  }

  makeReady() {
    this.ready = this.start();
    // Whoever verifies hears of a fault; until then nobody waits for it.
    this.ready.catch(() => {});
  }

  async start() {
    try {
      return await this.startWorker();
    } catch (error) {
      if (error instanceof Fault || error instanceof Cancelled) {
        throw error;
      }
      // No worker here: some browsers refuse them to pages from the disk.
      this.worker = null;
      this.module = await loadModule(this.packed);
      return legendOf(this.module);
    }
  }

  /** Whether the page goes on answering while a verification runs. */
  get isSteady() {
    return Boolean(this.worker) || "Suspending" in WebAssembly;
  }

  async startWorker() {
    const address = URL.createObjectURL(new Blob([this.source], { type: "text/javascript" }));
    try {
      this.worker = new Worker(address);
      const { legend } = await this.ask({ kind: "load", packed: this.packed }, "ready", {});
      return legend;
    } finally {
      URL.revokeObjectURL(address);
    }
  }

  /** Asks the worker and waits for its answer of that kind; `hear` gets all others. */
  ask(message, answer, hear) {
    return new Promise((resolve, reject) => {
      this.reject = reject;
      this.worker.onerror = (event) => reject(new Error(event.message ?? "the worker failed"));
      this.worker.onmessage = ({ data }) => {
        if (data.kind === answer) {
          resolve(data);
        } else if (data.kind === "fault") {
          reject(new Fault(data.fault, data.details));
        } else {
          hear[data.kind]?.(...data.numbers);
        }
      };
      this.worker.postMessage(message);
    });
  }

  async verify(task, hear) {
    this.isCancelled = false;
    await this.ready;
    if (this.worker) {
      try {
        return await this.ask({ kind: "verify", task }, "verdict", hear);
      } catch (error) {
        throw error instanceof Fault || error instanceof Cancelled ? error : new Fault("stopped", error.message);
      }
    }
    const pause = async () => {
      await new Promise((resolve) => setTimeout(resolve));
      if (this.isCancelled) {
        throw new Cancelled();
      }
    };
    await pause();
    return verifyWith(this.module, task, { ...hear, pause });
  }

  cancel() {
    this.isCancelled = true;
    if (this.worker) {
      this.worker.terminate();
      this.reject?.(new Cancelled());
      this.makeReady();
    }
  }
}
