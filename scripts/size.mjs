// Checks the size budgets of the built site (ARCHITECTURE.md, "Budgets") in brotli bytes: `node scripts/size.mjs [SITE]`.
// A KB is 1,000 bytes here, the stricter of the two.

import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import zlib from 'node:zlib';
import { BRIEF, REQUEST, plain } from './parts.mjs';

// The budgets; the entry is held well below its own of 240 KB. A page that only members see has what comes after its view (`begin`) in
// its file; others bring it by themselves.
const ENTRY = 165_000;
const OWN_PART = 40_000;
const FIRST_VIEW = 300_000;
/**
 * What comes with a first view beside the files of the build: its document, the icons, the sentences (one file of them where a page says
 * little, both elsewhere) and all headers. Only a browser sees how much that is, see `make bench BAR=browser`: 17 to 19 KB, and 23 to 27.
 */
const BESIDE = { brief: 20_000, other: 27_000 };

/** What somebody does who comes for a meal. */
const JOURNEY = ['home_view', 'sign_in_page_view', 'meals_view', 'meal_one_view', 'chat_room_view', 'chats_view', 'mine_page_view'];
/** The first of them that a member sees. */
const SIGNED_IN = 'meals_view';

const site = process.argv[2] ?? 'target/site';
const build = await readFile(join(site, 'build.txt'), 'utf8').then((text) => text.trim(), () => null);
if (!build) {
  console.error(`${site}/build.txt is missing: run \`make build\` first.`);
  process.exit(1);
}
const pkg = join(site, 'pkg', build);
const names = (await readdir(pkg, { recursive: true })).filter((name) => /\.(wasm|js|css)$/.test(name)).sort();

/** What is sent for a file: its brotli copy, or itself where that would not be smaller. */
async function sent(name) {
  const packed = await readFile(join(pkg, `${name}.br`)).catch(() => null);
  const plain = await readFile(join(pkg, name));
  if (packed && zlib.brotliDecompressSync(packed).equals(plain)) return packed.length;
  if (packed) throw new Error(`${name}.br is not the same as ${name}`);
  return plain.length;
}

const sizes = new Map();
for (const name of names) sizes.set(name, await sent(name));

const sum = (chosen) => chosen.reduce((total, name) => total + sizes.get(name), 0);
const entry = names.filter((name) => /^moim.*\.wasm$/.test(name));
const scripts = names.filter((name) => name.endsWith('.js'));
const styles = names.filter((name) => name.endsWith('.css'));
if (entry.length !== 1) throw new Error(`one entry WASM was expected in ${pkg}: ${entry.join(', ') || 'none'}`);
// For each page, its file and what is in it; for each module, the part that somebody takes who has much already. See parts.mjs.
const { pages, groups } = JSON.parse(await readFile(join(pkg, 'parts.json'), 'utf8'));
const base = sum([...entry, ...scripts, ...styles]);

let over = 0;
function row(what, bytes, budget) {
  const bad = budget !== undefined && bytes > budget;
  if (bad) over += 1;
  const limit = budget === undefined ? '' : `of ${(budget / 1000).toFixed(0).padStart(3)} KB`;
  console.log(`${what.padEnd(54)} ${(bytes / 1000).toFixed(1).padStart(7)} KB ${limit.padEnd(10)}${bad ? '  TOO BIG' : ''}`);
}

console.log(`Build ${build}, brotli`);
row(entry[0], sizes.get(entry[0]), ENTRY);
for (const name of [...scripts, ...styles]) row(name, sizes.get(name));
row('before a page: entry, scripts, styles', base);
const named = new Map(pages.map((page) => [plain(page.name), page]));
for (const name of BRIEF) if (!named.has(name)) throw new Error(`${name}, which is said to say little, is not there`);
for (const [page, { own, file }] of [...named].sort(([a], [b]) => (a < b ? -1 : 1))) {
  row(`${page}: its own module`, own, OWN_PART);
  const beside = BRIEF.includes(page) ? BESIDE.brief : BESIDE.other;
  row(`${page}: first view, with what is beside it`, base + sizes.get(file) + beside, FIRST_VIEW);
}

// One way through the program: what each page costs somebody who comes from the one before. The loader decides the same way.
const here = new Set();
for (const name of JOURNEY) {
  // Who signs in gets a new document.
  if (name === SIGNED_IN) here.clear();
  const { file, needs } = named.get(name);
  const parts = [...new Set(needs.filter((module) => !here.has(module)).map((module) => groups[module]))];
  const files = parts.map((part) => `part_${part}.wasm`);
  const inParts = sum(files) + parts.length * REQUEST < sizes.get(file);
  row(`${here.size ? 'then' : 'at first'} ${name}: ${inParts ? `${parts.length} parts` : 'its file'}`, sum(inParts ? files : [file]));
  for (const module of inParts ? [...groups.keys()].filter((found) => parts.includes(groups[found])) : needs) here.add(module);
}

if (over) {
  console.error(`${over} over budget`);
  process.exit(1);
}
