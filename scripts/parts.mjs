// Packs the lazy parts of the browser's program into files, and writes the loader that takes them out again.
//
// cargo-leptos splits what several pages share into a chunk for each set of pages that share it: more than four hundred, of
// which a page needs up to two hundred and fifty. So many requests are slow wherever a request costs more than its bytes, and
// small files compress badly. So each chunk is written twice:
//
//   page_N.wasm   all that one page needs, for somebody who comes to it first: one request, and not a byte too much;
//   part_N.wasm   chunks that mostly the same pages need, for somebody who comes from another page and has much already.
//
// The loader takes whichever is less. Both kinds are modules behind one another, each after its number and its length
// (two numbers of four bytes, little-endian).

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shorten } from './names.mjs';

/** What a request costs, in bytes that could have been loaded instead. */
export const REQUEST = 400;
/** How much of a WASM file is left when it is compressed, about. */
const PACKED = 0.36;
/** The loader keeps the pages of a module as the bits of a number, which is exact up to here. */
const MOST_PAGES = 53;

const MANIFEST = '__wasm_split_manifest.json';
const ENTRY = 'moim.wasm';
const GLUE = 'moim.js';
const LOADER = /^__wasm_split.*\.js$/;
const FETCH = /fetch\(new URL\("\.\/([^"]+\.wasm)", import\.meta\.url\)\)/g;
const MODULE = /(?:const (\w+) = |export const __wasm_split_load_(\w+) = wrapAsyncCb\()makeLoad\(\(\) => \{\s*const src = fetch\(new URL\("\.\/([^"]+\.wasm)", import\.meta\.url\)\);[^]*?\}\s*, \[([^\]]*)\]\)/g;
/** Where cargo-leptos' loader begins to speak of modules: what stands before gives them the entry's memory and table. */
const LOADING = 'function makeLoad(';
/** What the loader here uses of it. */
const HEAD = ['function getSharedImports(', 'function wrapAsyncCb('];

/**
 * The loader, behind the head of cargo-leptos' own.
 * @param {{ users: string[], groups: number[], parts: number[], pages: number[] }} table for each module its pages (bits, in
 * base 36) and its part; for each part and each page what its file weighs, in bytes
 */
const loader = ({ users, groups, parts, pages }) => `const users = "${users.join(' ')}".split(" ").map((bits) => parseInt(bits, 36));
const groups = ${JSON.stringify(groups)};
const parts = ${JSON.stringify(parts)};
const pages = ${JSON.stringify(pages)};
// For each module, what will be its bytes, and what will be its instance.
const coming = [];
const ready = [];
// A network that breaks off comes back. A file that is gone belongs to a build that is gone: the document is loaded again,
// once for a build, and brings the present one.
function outdated() {
    const build = new URL(".", import.meta.url).href;
    try {
        if (sessionStorage.getItem("moim.reloaded") === build) return false;
        sessionStorage.setItem("moim.reloaded", build);
    } catch {
        return false;
    }
    location.reload();
    return true;
}
async function fetched(name) {
    const url = new URL(\`./\${name}.wasm\`, import.meta.url);
    for (let pause = 500; ; pause = Math.min(pause * 2, 30_000)) {
        let status;
        try {
            const answer = await fetch(url);
            if (answer.ok) return await answer.arrayBuffer();
            status = answer.status;
        } catch {}
        // What is loaded again needs nothing any more.
        if ([404, 410].includes(status) && outdated()) await new Promise(() => {});
        await new Promise((done) => setTimeout(done, pause));
    }
}
function bring(name, modules) {
    const found = fetched(name).then((bytes) => {
        const view = new DataView(bytes);
        const inside = [];
        for (let at = 0; at < bytes.byteLength;) {
            const from = at + 8;
            at = from + view.getUint32(at + 4, true);
            inside[view.getUint32(from - 8, true)] = bytes.slice(from, at);
        }
        return inside;
    });
    for (const module of modules) {
        coming[module] ??= found.then((inside) => inside[module]);
        // Whoever waits for it says so; a module that nobody needs yet is asked for again.
        coming[module].catch(() => delete coming[module]);
    }
}
function start(module) {
    return ready[module] ??= coming[module]
        .then((bytes) => WebAssembly.instantiate(bytes, getSharedImports()))
        .catch((error) => {
            // The next call tries again, from the beginning: something on the way may have answered in the server's place.
            delete coming[module];
            delete ready[module];
            throw error;
        });
}
const load = (page, own) => wrapAsyncCb(async () => {
    const all = [...users.keys()].filter((module) => Math.floor(users[module] / 2 ** page) % 2);
    const from = [...new Set(all.filter((module) => !coming[module]).map((module) => groups[module]))];
    if (from.reduce((sum, part) => sum + parts[part] + ${REQUEST}, 0) < pages[page]) {
        for (const part of from) bring(\`part_\${part}\`, [...groups.keys()].filter((module) => groups[module] === part));
    } else {
        bring(\`page_\${page}\`, all);
    }
    await Promise.all(all.filter((module) => module !== own).map(start));
    await start(own);
});
`;

/** Chunks that are loaded together: joining two saves a request for every page that needs both, and costs the bytes that a page did not need. */
function joined(modules) {
  let groups = modules.map(({ users, bytes }, module) => ({ modules: [module], users, size: bytes.length * PACKED }));
  const gain = (a, b) => {
    const both = [...a.users].filter((user) => b.users.has(user)).length;
    return both * REQUEST - (b.users.size - both) * a.size - (a.users.size - both) * b.size;
  };
  for (;;) {
    let best = { gain: 0 };
    for (let i = 0; i < groups.length; i += 1) {
      for (let j = i + 1; j < groups.length; j += 1) {
        const found = gain(groups[i], groups[j]);
        if (found > best.gain) best = { gain: found, i, j };
      }
    }
    if (best.i === undefined) return groups.map(({ modules: together }) => together);
    const [a, b] = [groups[best.i], groups[best.j]];
    const both = { modules: [...a.modules, ...b.modules], users: new Set([...a.users, ...b.users]), size: a.size + b.size };
    groups = groups.filter((group) => group !== a && group !== b).concat(both);
  }
}

/** Modules behind one another. */
function file(modules, numbers) {
  return Buffer.concat(numbers.flatMap((number) => {
    const head = Buffer.alloc(8);
    head.writeUInt32LE(number, 0);
    head.writeUInt32LE(modules[number].bytes.length, 4);
    return [head, modules[number].bytes];
  }));
}

/**
 * Packs the parts of a built package.
 * @param {string} pkg the directory
 * @param {string[]} names its files
 * @param {(bytes: Buffer) => Promise<number>} weigh how many bytes are sent for a file
 * @returns the names that are to be kept as they are, the files to be written instead of the others, for each lazy function
 * of the program what its own module weighs, its file and the numbers of the modules it needs, and for each module its part
 */
export async function packParts(pkg, names, weigh) {
  const name = names.find((found) => LOADER.test(found));
  if (!name) throw new Error(`${pkg} has no loader of lazy parts`);
  const text = readFileSync(join(pkg, name), 'utf8');
  const wrong = (what) => new Error(`${name} does not look as expected: ${what}`);

  const modules = [...text.matchAll(MODULE)].map(([, chunk, root, wasm, needs]) => ({
    name: chunk ?? root,
    root,
    wasm,
    needs: needs.split(',').map((need) => need.trim()).filter(Boolean),
    bytes: readFileSync(join(pkg, wasm)),
    users: new Set(),
  }));
  const roots = modules.filter(({ root }) => root);
  const fetched = [...text.matchAll(FETCH)].length;
  const wasm = names.filter((found) => found.endsWith('.wasm') && found !== ENTRY);
  if (modules.length !== fetched || wasm.some((found) => !modules.some((module) => module.wasm === found))) {
    throw wrong(`${modules.length} modules, ${fetched} fetched, ${wasm.length} files`);
  }
  if (modules.some(({ root, needs }) => !root && needs.length)) throw wrong('a chunk needs another');
  const head = text.slice(0, text.indexOf(LOADING));
  for (const part of HEAD) if (!head.includes(part)) throw wrong(`no ${part} before ${LOADING}`);
  if (roots.length > MOST_PAGES) throw wrong(`${roots.length} pages`);

  const numbers = new Map(modules.map((module, number) => [module.name, number]));
  roots.forEach(({ name: own, needs }, page) => {
    for (const need of [own, ...needs]) modules[numbers.get(need)].users.add(page);
  });

  const needed = roots.map((_, page) => [...modules.keys()].filter((number) => modules[number].users.has(page)));
  const groups = joined(modules);
  const pageFiles = needed.map((all) => file(modules, all));
  const partFiles = groups.map((all) => file(modules, all));
  const groupOf = modules.map((_, number) => groups.findIndex((group) => group.includes(number)));

  const written = new Map();
  pageFiles.forEach((bytes, page) => written.set(`page_${page}.wasm`, bytes));
  partFiles.forEach((bytes, part) => written.set(`part_${part}.wasm`, bytes));
  const table = {
    users: modules.map(({ users }) => [...users].reduce((bits, page) => bits + 2 ** page, 0).toString(36)),
    groups: groupOf,
    parts: await Promise.all(partFiles.map(weigh)),
    pages: await Promise.all(pageFiles.map(weigh)),
  };
  // The entry calls them by their numbers, which are shorter.
  const called = new Map(roots.map(({ name }, page) => [`__wasm_split_load_${name}`, `p${page}`]));
  const loads = roots.map((root, page) => `export const p${page} = load(${page}, ${numbers.get(root.name)});\n`);
  written.set(name, Buffer.from(head + loader(table) + loads.join('')));
  const entry = shorten(readFileSync(join(pkg, ENTRY)), readFileSync(join(pkg, GLUE), 'utf8'), (found) => {
    if (!called.has(found)) throw wrong(`no ${found}`);
    return called.get(found);
  });
  written.set(ENTRY, entry.wasm);
  written.set(GLUE, Buffer.from(entry.js));
  // From this the server tells the browser early what a page will need.
  written.set(MANIFEST, Buffer.from(JSON.stringify(Object.fromEntries(roots.map((root, page) => [root.name, [`page_${page}`]])))));

  const own = await Promise.all(roots.map(({ bytes }) => weigh(bytes)));
  const pages = roots.map((root, page) => ({ name: root.name, own: own[page], file: `page_${page}.wasm`, needs: needed[page] }));
  return { kept: names.filter((found) => !written.has(found) && !wasm.includes(found)), written, pages, groups: groupOf };
}
