// Optimises the browser's program for size, in place: `node scripts/optimize.mjs target/stage/pkg`.
//
// The same passes as `wasm-opt -Oz`, in two threads that start once instead of a process for each file.

import { readFileSync, writeFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker, isMainThread, parentPort } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import { UNUSED } from './names.mjs';

const THREADS = 2;

if (isMainThread) {
  const [dir] = process.argv.slice(2);
  if (!dir) {
    console.error('usage: node scripts/optimize.mjs DIRECTORY');
    process.exit(2);
  }
  const names = (await readdir(dir)).filter((name) => name.endsWith('.wasm'));
  const sized = await Promise.all(names.map(async (name) => ({ name, size: (await stat(join(dir, name))).size })));
  // The largest first, so that the threads end together.
  const queue = sized.sort((a, b) => b.size - a.size).map(({ name }) => join(dir, name));
  const count = queue.length;
  await Promise.all(
    Array.from({ length: THREADS }, () => new Promise((done, fail) => {
      const worker = new Worker(fileURLToPath(import.meta.url));
      const next = () => worker.postMessage(queue.shift() ?? null);
      worker.on('message', next);
      worker.on('error', fail);
      worker.on('exit', (code) => (code === 0 ? done() : fail(new Error(`the optimiser ended with ${code}`))));
      next();
    })),
  );
  console.log(`Optimised ${count} files in ${dir}`);
} else {
  const { default: binaryen } = await import('binaryen');
  binaryen.setOptimizeLevel(2);
  binaryen.setShrinkLevel(2);
  parentPort.on('message', (file) => {
    if (file === null) return parentPort.close();
    const module = binaryen.readBinary(readFileSync(file));
    // What the compiler uses.
    const { BulkMemory, BulkMemoryOpt, NontrappingFPToInt, SignExt, MutableGlobals, ReferenceTypes, Multivalue } = binaryen.Features;
    module.setFeatures(module.getFeatures() | BulkMemory | BulkMemoryOpt | NontrappingFPToInt | SignExt | MutableGlobals | ReferenceTypes | Multivalue);
    for (let i = module.getNumExports() - 1; i >= 0; i -= 1) {
      const { name } = binaryen.getExportInfo(module.getExportByIndex(i));
      if (UNUSED.test(name)) module.removeExport(name);
    }
    // The second time finds what the first has laid bare.
    module.optimize();
    module.optimize();
    // Which compiler made it: of no use to a browser, and repeated in each of the parts.
    module.runPasses(['strip-producers']);
    if (!module.validate()) throw new Error(`${file} is not valid any more`);
    writeFileSync(file, module.emitBinary());
    module.dispose();
    parentPort.postMessage(file);
  });
}
