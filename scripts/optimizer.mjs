// Optimises modules of the browser's program for size, in threads that start once instead of a process for each.

import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import { UNUSED } from './names.mjs';
import { merged, ordered } from './wasm.mjs';

const THREADS = 2;
/** `wasm-opt -Oz` */
const LEVELS = { optimize: 2, shrink: 2 };
/** Another shape of the same code, in which more is found to be the same. */
const ANEW = ['flatten', 'local-cse', 'rereloop'];

/** Threads that optimise what they are given, one thing after another. */
export class Optimizer {
  #waiting = [];
  #idle = [];
  #workers = [];

  /**
   * One module that does what all of these do, as small as it can be made.
   * @param {Buffer[]} wasms
   * @returns {Promise<{ wasm: Buffer, data: { of: number, at: number, bytes: Buffer }[] }>} see `merged`
   */
  together(wasms) {
    return this.#run({ wasms });
  }

  /**
   * A module by itself, with its data.
   * @param {Buffer} wasm
   * @returns {Promise<Buffer>}
   */
  async alone(wasm) {
    return (await this.#run({ wasm })).wasm;
  }

  /** Ends the threads, and whatever they do. */
  async close() {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  async #run(task) {
    if (this.#workers.length < THREADS && !this.#idle.length) this.#begin();
    const done = new Promise((resolve, reject) => this.#waiting.push({ task, resolve, reject }));
    this.#next();
    return done;
  }

  #begin() {
    const worker = new Worker(fileURLToPath(import.meta.url));
    this.#workers.push(worker);
    this.#idle.push(worker);
    worker.on('message', ({ error, wasm, data }) => {
      const { resolve, reject } = worker.busy;
      worker.busy = undefined;
      this.#idle.push(worker);
      if (error) reject(new Error(error));
      else resolve({ wasm: Buffer.from(wasm), data: data?.map(({ bytes, ...rest }) => ({ ...rest, bytes: Buffer.from(bytes) })) });
      this.#next();
    });
    // Whoever waits for it is told, whatever ends it.
    worker.on('error', (error) => worker.busy?.reject(error));
    worker.on('messageerror', (error) => worker.busy?.reject(error));
    worker.on('exit', (code) => worker.busy?.reject(new Error(`the optimiser ended with ${code}`)));
  }

  #next() {
    if (!this.#waiting.length || !this.#idle.length) return;
    const worker = this.#idle.pop();
    worker.busy = this.#waiting.shift();
    worker.postMessage(worker.busy.task);
  }
}

if (!isMainThread && parentPort) {
  const { default: binaryen } = await import('binaryen');
  binaryen.setOptimizeLevel(LEVELS.optimize);
  binaryen.setShrinkLevel(LEVELS.shrink);
  // The end of the stack lies there (rustc links it first): nothing has an address below 1,024.
  binaryen.setLowMemoryUnused(true);
  // What the compiler uses.
  const { BulkMemory, BulkMemoryOpt, NontrappingFPToInt, SignExt, MutableGlobals, ReferenceTypes, Multivalue } = binaryen.Features;
  const used = BulkMemory | BulkMemoryOpt | NontrappingFPToInt | SignExt | MutableGlobals | ReferenceTypes | Multivalue;

  const optimized = (wasm, first) => {
    const module = binaryen.readBinary(wasm);
    module.setFeatures(module.getFeatures() | used);
    for (let i = module.getNumExports() - 1; i >= 0; i -= 1) {
      const { name } = binaryen.getExportInfo(module.getExportByIndex(i));
      if (UNUSED.test(name)) module.removeExport(name);
    }
    module.runPasses([...first, ...ANEW]);
    module.optimize();
    // The second time finds what the first has laid bare.
    module.optimize();
    const smaller = ordered(Buffer.from(module.emitBinary()));
    module.dispose();
    const check = binaryen.readBinary(smaller);
    check.setFeatures(check.getFeatures() | used);
    if (!check.validate()) throw new Error('a module is not valid any more');
    check.dispose();
    return smaller;
  };

  parentPort.on('message', ({ wasm, wasms }) => {
    try {
      binaryen.clearPassArguments();
      if (wasm) return parentPort.postMessage({ wasm: optimized(Buffer.from(wasm), []) });
      // What a part puts into the table stays there: nobody puts something else. (In the entry, whose table it is, a place that is empty
      // would be taken for one that stays empty.)
      binaryen.setPassArgument('directize-initial-contents-immutable', 'yes');
      const one = merged(wasms.map((found) => Buffer.from(found)));
      // What several were made of alike is there once; and who is here is called by name, not through the table.
      parentPort.postMessage({ ...one, wasm: optimized(one.wasm, ['duplicate-function-elimination', 'directize']) });
    } catch (error) {
      parentPort.postMessage({ error: String(error?.stack ?? error?.message ?? error) });
    }
  });
}
