// Joins the lazy parts of the browser's program into few files.
//
// cargo-leptos splits what several pages share into a chunk for each set of pages that share it: more than two hundred, of
// which a page needs up to a hundred. So many requests are slow wherever a request costs more than its bytes, and small files
// compress badly. Chunks that mostly the same pages need are joined here; the loader takes each out of its file.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a request costs, in bytes that could have been loaded instead. */
const REQUEST = 2_000;
/** How much of a WASM file is left when it is compressed, about. */
const PACKED = 0.36;

const MANIFEST = '__wasm_split_manifest.json';
const LOADER = /^__wasm_split.*\.js$/;
const FETCH = /fetch\(new URL\("\.\/([^"]+\.wasm)", import\.meta\.url\)\)/g;
const MODULE = /(?:const (\w+) = |export const __wasm_split_load_(\w+) = wrapAsyncCb\()makeLoad\(\(\) => \{\s*const src = fetch\(new URL\("\.\/([^"]+\.wasm)", import\.meta\.url\)\);[^]*?\}\s*, \[([^\]]*)\]\)/g;

/** What the loader begins with: how a part is fetched, `places` being where each is. */
const prelude = (places) => `const places = ${JSON.stringify(places)};
const files = [];
// A network that breaks off comes back. A file that is gone belongs to a build that is gone: the document is loaded again,
// once, and brings the present one.
async function file(number) {
    const url = new URL(\`./part_\${number}.wasm\`, import.meta.url);
    for (let pause = 500; ; pause = Math.min(pause * 2, 30_000)) {
        try {
            const answer = await fetch(url);
            if (answer.ok) return await answer.arrayBuffer();
            if ([404, 410].includes(answer.status) && sessionStorage.getItem("moim.reloaded") !== url.href) {
                sessionStorage.setItem("moim.reloaded", url.href);
                location.reload();
            }
        } catch {}
        await new Promise((done) => setTimeout(done, pause));
    }
}
function part(name) {
    const [number, from, to] = places[name];
    files[number] ??= file(number);
    const headers = { "content-type": "application/wasm" };
    return files[number].then((bytes) => new Response(bytes.slice(from, to), { headers }));
}
`;

/**
 * Joins the parts of a built package.
 * @param {string} pkg the directory
 * @param {string[]} names its files
 * @returns the names that are to be kept as they are, the files to be written instead of the others, and for each lazy
 * function of the program which of those files it needs
 */
export function joinParts(pkg, names) {
  const loader = names.find((name) => LOADER.test(name));
  if (!loader) throw new Error(`${pkg} has no loader of lazy parts`);
  const text = readFileSync(join(pkg, loader), 'utf8');

  const modules = new Map();
  const roots = [];
  for (const [, chunk, page, file, needs] of text.matchAll(MODULE)) {
    const deps = needs.split(',').map((dep) => dep.trim()).filter(Boolean);
    modules.set(chunk ?? page, { file, deps, bytes: readFileSync(join(pkg, file)) });
    if (page) roots.push(page);
  }
  const fetched = [...text.matchAll(FETCH)].length;
  const wasm = names.filter((name) => name.endsWith('.wasm') && name !== 'moim.wasm');
  if (modules.size !== fetched || wasm.some((name) => ![...modules.values()].some(({ file }) => file === name))) {
    throw new Error(`${loader} does not look as expected: ${modules.size} modules, ${fetched} fetched, ${wasm.length} files`);
  }

  // Which pages need each module.
  const users = new Map([...modules.keys()].map((name) => [name, new Set()]));
  for (const root of roots) {
    const visit = (name) => {
      if (users.get(name).has(root)) return;
      users.get(name).add(root);
      modules.get(name).deps.forEach(visit);
    };
    visit(root);
  }

  // Joining two saves a request for every page that needs both, and costs the bytes that a page did not need.
  let groups = [...modules.keys()].map((name) => ({ names: [name], users: users.get(name), size: modules.get(name).bytes.length * PACKED }));
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
    if (best.i === undefined) break;
    const [a, b] = [groups[best.i], groups[best.j]];
    const joined = { names: [...a.names, ...b.names], users: new Set([...a.users, ...b.users]), size: a.size + b.size };
    groups = groups.filter((group) => group !== a && group !== b).concat(joined);
  }

  const places = {};
  const written = new Map();
  const numbers = new Map();
  groups.forEach((group, number) => {
    let at = 0;
    for (const name of group.names) {
      const { file, bytes } = modules.get(name);
      places[file] = [number, at, at + bytes.length];
      numbers.set(name, number);
      at += bytes.length;
    }
    written.set(`part_${number}.wasm`, Buffer.concat(group.names.map((name) => modules.get(name).bytes)));
  });
  const body = text.replace(FETCH, (_, file) => `part("${file}")`);
  // Behind its imports, which have to come first.
  const start = body.indexOf('\n', body.lastIndexOf('import ')) + 1;
  // Comments name the pages of each chunk; nobody reads them over the wire.
  written.set(loader, Buffer.from((body.slice(0, start) + prelude(places) + body.slice(start)).replace(/^\/\* .* \*\/\n/gm, '')));

  const pages = {};
  for (const root of roots) {
    const needed = [...modules.keys()].filter((name) => users.get(name).has(root)).map((name) => `part_${numbers.get(name)}.wasm`);
    pages[root] = { own: `part_${numbers.get(root)}.wasm`, parts: [...new Set(needed)] };
  }
  // From this the server tells the browser early what a page will need.
  const early = Object.fromEntries(Object.entries(pages).map(([page, { parts }]) => [page, parts.map((part) => part.replace(/\.wasm$/, ''))]));
  written.set(MANIFEST, Buffer.from(JSON.stringify(early)));
  return { kept: names.filter((name) => !written.has(name) && !wasm.includes(name)), written, pages };
}
