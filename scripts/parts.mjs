// Packs the lazy parts of the browser's program into files, and writes the loader that takes them out again.
//
// cargo-leptos splits what several pages share into a chunk for each set of pages that share it: more than six hundred, of
// which a page needs up to three hundred and fifty. So many requests are slow wherever a request costs more than its bytes, and
// small files compress badly, and a browser takes its time with each module. So each chunk is written twice:
//
//   page_N.wasm   all that one page needs, for somebody who comes to it first: one request, and not a byte too much;
//   part_N.wasm   chunks that mostly the same pages need, for somebody who comes from another page and has much already.
//
// The loader takes whichever is less. Each of both kinds is one module, made of several (wasm.mjs). Code that comes again with another
// file takes the place of the same code, which changes nothing; data would, so the loader has it, and puts it into memory once.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shorten } from './names.mjs';
import { isEmpty } from './wasm.mjs';

/** What a request costs, in bytes that could have been loaded instead. */
export const REQUEST = 400;
/** How much of a chunk is left when it is optimised and compressed, about. */
const PACKED = 0.24;
/** The loader keeps the pages of a module as the bits of a number, which is exact up to here. */
const MOST_PAGES = 53;

/** The pages that only members see. One that is missing here brings `begin` by itself. */
const MEMBERS = [
  'blocked_view', 'chat_message_view', 'chat_room_view', 'chat_with_view', 'chats_view', 'me_page_view', 'meal_bill_view', 'meal_change_view',
  'meal_new_view', 'mine_page_view', 'my_meals_page_view', 'my_profile_view', 'notices_page_view', 'report_page_view',
];
/**
 * Lazy functions that some pages always call after their view, with those pages: they are in the page's file, with which they share most
 * of their code, instead of coming in requests of their own. `begin` keeps those up to date who are signed in, `follow` a room.
 */
const BROUGHT = { begin: MEMBERS, follow: ['chat_room_view'] };

/**
 * Lazy functions that say no more than what every page says (`FIRST` in `src/app/texts.rs`). The others wait for a second file of sentences.
 * A rule of `src/tidy.rs` knows the code of each.
 */
export const BRIEF = ['begin', 'chat_message_view', 'chat_room_view', 'chat_with_view', 'chats_view', 'follow', 'notices_page_view'];

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
 * @param {{ users: string[], groups: number[], parts: number[], pages: number[], brief: number[], data: [number, number, number[]][] }} table
 * for each module its pages (bits, in base 16), those of the first part first; for each part how many modules are in it; for each part and
 * each page what its file weighs, in bytes; the pages that say no more than every page; data, behind the number of its module and its
 * place in memory
 */
const loader = ({ users, groups, parts, pages, brief, data }) => `import { learn } from "./moim.js";
const users = "${users.join(' ')}".split(" ").map((bits) => parseInt(bits, 16));
const groups = ${JSON.stringify(groups)}.flatMap((length, part) => Array(length).fill(part));
const parts = ${JSON.stringify(parts)};
const pages = ${JSON.stringify(pages)};
const brief = ${JSON.stringify(brief)};
const data = ${JSON.stringify(data)};
// For each module, what brings it; and whether its data is in memory, where it changes from then on.
const coming = [];
const put = [];
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
async function fetched(url) {
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
async function start(name, modules) {
    await WebAssembly.instantiate(await fetched(new URL(\`./\${name}.wasm\`, import.meta.url)), getSharedImports());
    const { memory } = getSharedImports().__wasm_split;
    for (const [module, at, bytes] of data) {
        if (put[module] || !modules.includes(module)) continue;
        put[module] = true;
        new Uint8Array(memory.buffer).set(bytes, at);
    }
}
function bring(name, modules) {
    const found = start(name, modules);
    for (const module of modules) coming[module] ??= found;
    // The next call tries again, from the beginning: something on the way may have answered in the server's place.
    found.catch(() => {
        for (const module of modules) if (coming[module] === found) delete coming[module];
    });
}
// What not every page says.
let more;
function say() {
    more ??= fetched(document.documentElement.dataset.more).then((bytes) => {
        if (!learn(new TextDecoder().decode(bytes))) throw new Error("no sentences");
    });
    more.catch(() => { more = undefined; });
    return more;
}
const load = (page) => wrapAsyncCb(async () => {
    const said = brief.includes(page) || say();
    const all = [...users.keys()].filter((module) => Math.floor(users[module] / 2 ** page) % 2);
    const from = [...new Set(all.filter((module) => !coming[module]).map((module) => groups[module]))];
    if (from.reduce((sum, part) => sum + parts[part] + ${REQUEST}, 0) < pages[page]) {
        for (const part of from) bring(\`part_\${part}\`, [...groups.keys()].filter((module) => groups[module] === part));
    } else {
        bring(\`page_\${page}\`, all);
    }
    await Promise.all([said, ...all.map((module) => coming[module])]);
});
`;

/** The names between braces in one order: cargo-leptos writes them as it comes upon them, which is another way each time. */
const inOrder = (source) => source.replace(/\{ ((?:\w+, )+) \}/g, (_, names) => `{ ${names.split(', ').filter(Boolean).sort().join(', ')} }`);

/** What a lazy function is called where it is written. */
export const plain = (name) => name.replace(/^_*|_\d+$/g, '');

/** Source of whole lines without the comments and the room before them. */
const bare = (source) => source.replace(/^\s*\/\/.*\n/gm, '').replace(/^ +/gm, '');

/** Chunks that are loaded together: joining two saves a request for every page that needs both, and costs the bytes that a page did not need. */
function joined(modules) {
  const groups = modules.map(({ users, bytes }, module) => ({ modules: [module], users, size: bytes.length * PACKED }));
  const gain = (a, b) => {
    const both = [...a.users].filter((user) => b.users.has(user)).length;
    return both * REQUEST - (b.users.size - both) * a.size - (a.users.size - both) * b.size;
  };
  // For each what it would gain with each of those before it.
  const gains = groups.map((a, i) => groups.slice(0, i).map((b) => gain(a, b)));
  for (;;) {
    let best = { gain: 0 };
    for (const [i, row] of gains.entries()) {
      for (let j = 0; j < i; j += 1) if (row[j] > best.gain) best = { gain: row[j], i, j };
    }
    if (best.i === undefined) return groups.filter(({ size }) => size).map(({ modules: together }) => together);
    const { i, j } = best;
    const [a, b] = [groups[i], groups[j]];
    groups[j] = { modules: [...b.modules, ...a.modules], users: new Set([...b.users, ...a.users]), size: b.size + a.size };
    groups[i] = { modules: [], users: new Set(), size: 0 };
    gains[i].fill(0);
    for (let k = i + 1; k < groups.length; k += 1) gains[k][i] = 0;
    for (let k = 0; k < groups.length; k += 1) {
      if (k !== j && groups[k].size) gains[Math.max(k, j)][Math.min(k, j)] = gain(groups[k], groups[j]);
    }
  }
}

/**
 * Packs the parts of a built package.
 * @param {string} pkg the directory
 * @param {string[]} names its files
 * @param {(bytes: Buffer) => Promise<number>} weigh how many bytes are sent for a file
 * @param {Optimizer} optimizer
 * @returns the names that are to be kept as they are, the files to be written instead of the others, for each lazy function
 * of the program what its own module weighs, its file and the numbers of the modules it needs, and for each module its part
 */
export async function packParts(pkg, names, weigh, optimizer) {
  const name = names.find((found) => LOADER.test(found));
  if (!name) throw new Error(`${pkg} has no loader of lazy parts`);
  const text = readFileSync(join(pkg, name), 'utf8');
  const wrong = (what) => new Error(`${name} does not look as expected: ${what}`);

  const chunks = [...text.matchAll(MODULE)].map(([, chunk, root, wasm, needs]) => ({
    name: chunk ?? root,
    root,
    wasm,
    needs: needs.split(',').map((need) => need.trim()).filter(Boolean),
    bytes: readFileSync(join(pkg, wasm)),
    users: new Set(),
  }));
  const roots = chunks.filter(({ root }) => root);
  const fetched = [...text.matchAll(FETCH)].length;
  const wasm = names.filter((found) => found.endsWith('.wasm') && found !== ENTRY);
  if (chunks.length !== fetched || wasm.some((found) => !chunks.some((chunk) => chunk.wasm === found))) {
    throw wrong(`${chunks.length} modules, ${fetched} fetched, ${wasm.length} files`);
  }
  if (chunks.some(({ root, needs }) => !root && needs.length)) throw wrong('a chunk needs another');
  const head = inOrder(text.slice(0, text.indexOf(LOADING)));
  for (const part of HEAD) if (!head.includes(part)) throw wrong(`no ${part} before ${LOADING}`);
  if (roots.length > MOST_PAGES) throw wrong(`${roots.length} pages`);

  const named = new Map(chunks.map((chunk) => [chunk.name, chunk]));
  roots.forEach(({ name: own, needs }, page) => {
    for (const need of [own, ...needs]) named.get(need).users.add(page);
  });
  for (const [brought, pages] of Object.entries(BROUGHT)) {
    const page = roots.findIndex(({ name: found }) => plain(found) === brought);
    if (page < 0) continue;
    const those = pages.map((found) => roots.findIndex(({ name: root }) => plain(root) === found));
    if (those.includes(-1)) throw wrong(`no ${pages[those.indexOf(-1)]}`);
    for (const { users } of chunks.filter((chunk) => chunk.users.has(page))) those.forEach((user) => users.add(user));
  }

  const isBrief = (root) => BRIEF.includes(plain(root.name));

  // Those of one part one after another, and in each beside those that nearly the same pages need: so the table of them is short.
  const bits = ({ users }) => [...users].reduce((sum, page) => sum + 2 ** page, 0);
  // What would be empty is not asked for.
  const full = chunks.filter(({ root, bytes }) => root || !isEmpty(bytes));
  const parts = joined(full).map((all) => all.map((number) => full[number]).sort((a, b) => bits(a) - bits(b)));
  const modules = parts.flat();
  const numbers = new Map(modules.map((module, number) => [module, number]));
  const needed = roots.map((_, page) => [...modules.keys()].filter((number) => modules[number].users.has(page)));
  // The data of each module that has some, whichever files it is in. Memory is empty at first.
  const data = new Map();
  const together = async (all) => {
    const one = await optimizer.together(all.map((number) => modules[number].bytes));
    for (const { of, at, bytes } of one.data) if (bytes.some((byte) => byte)) data.set(`${all[of]} ${at}`, [all[of], at, [...bytes]]);
    return one.wasm;
  };
  const entryFile = optimizer.alone(readFileSync(join(pkg, ENTRY)));
  const pageFiles = await Promise.all(needed.map(together));
  const partFiles = await Promise.all(parts.map((all) => together(all.map((module) => numbers.get(module)))));
  const ownFiles = await Promise.all(roots.map((root) => together([numbers.get(root)])));

  const written = new Map();
  pageFiles.forEach((bytes, page) => written.set(`page_${page}.wasm`, bytes));
  partFiles.forEach((bytes, part) => written.set(`part_${part}.wasm`, bytes));
  const table = {
    users: modules.map((module) => bits(module).toString(16)),
    groups: parts.map(({ length }) => length),
    parts: await Promise.all(partFiles.map(weigh)),
    pages: await Promise.all(pageFiles.map(weigh)),
    brief: [...roots.keys()].filter((page) => isBrief(roots[page])),
    data: [...data.values()].sort(([a, at], [b, other]) => a - b || at - other),
  };
  // The entry calls them by their numbers, which are shorter.
  const called = new Map(roots.map(({ name }, page) => [`__wasm_split_load_${name}`, `p${page}`]));
  const loads = roots.map((_, page) => `export const p${page} = load(${page});\n`);
  written.set(name, Buffer.from(head + bare(loader(table) + loads.join(''))));
  const entry = shorten(await entryFile, readFileSync(join(pkg, GLUE), 'utf8'), (found) => {
    if (!called.has(found)) throw wrong(`no ${found}`);
    return called.get(found);
  });
  written.set(ENTRY, entry.wasm);
  written.set(GLUE, Buffer.from(entry.js));
  // From this the server tells the browser early what a page will need.
  written.set(MANIFEST, Buffer.from(JSON.stringify(Object.fromEntries(roots.map((root, page) => [root.name, [`page_${page}`, ...(isBrief(root) ? [] : ['more'])]])))));

  const own = await Promise.all(ownFiles.map(weigh));
  const pages = roots.map((root, page) => ({ name: root.name, own: own[page], file: `page_${page}.wasm`, needs: needed[page] }));
  return { kept: names.filter((found) => !written.has(found) && !wasm.includes(found)), written, pages, groups: parts.flatMap((all, part) => all.map(() => part)) };
}
