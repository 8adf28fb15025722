// Publishes a release build: `node scripts/pack.mjs target/stage target/site`.
//
//   target/stage/pkg/*            what cargo-leptos built
//   target/site/pkg/<build>/*     what parts.mjs makes of it, with .br and .gz beside, in a directory named by the hash of all that
//                                 was written into it
//   target/site/<public files>    with .br and .gz beside
//   target/site/build.txt         the name of the current build
//
// Why a directory for a build, and not cargo-leptos' hashed file names: the files name each other in a circle (the entry's
// WASM imports the loader of the lazy parts, which names the parts and the entry's JavaScript), so cargo-leptos has to write
// names into files *after* it has hashed them, and the same name was seen with different contents after two builds. A
// directory's name has no such circle, because the files refer to each other relatively.
//
// The name is taken from what was written, not from what it was made of: how files are packed depends on how small they become, and
// another Node.js may compress in another way. The same bytes have the same name wherever they were made.
//
// So everything under /pkg/<build>/ may be cached for ever, and everything else must be revalidated. The two builds before
// this one are kept: a page that was opened before the new build can still load its lazy parts.

import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { files, hashOf, nameOf } from './contents.mjs';
import { Optimizer } from './optimizer.mjs';
import { packParts } from './parts.mjs';

const brotli = promisify(zlib.brotliCompress);
const gzip = promisify(zlib.gzip);
const KEEP = 3;
// Compressed already; another pass costs time at every build and gains nothing.
const PACKED = new Set(['.png', '.jpg', '.jpeg', '.webp', '.avif', '.gif', '.woff', '.woff2', '.br', '.gz', '.zip']);
const TEXT = new Set(['.css', '.js', '.mjs', '.html', '.txt', '.json', '.svg', '.xml', '.webmanifest']);

const [stage, site] = process.argv.slice(2).map((dir) => resolve(dir));
if (!stage || !site) {
  console.error('usage: node scripts/pack.mjs STAGE SITE');
  process.exit(2);
}

const packed = (bytes, text) => brotli(bytes, {
  params: {
    [zlib.constants.BROTLI_PARAM_QUALITY]: 11,
    [zlib.constants.BROTLI_PARAM_LGWIN]: 24,
    [zlib.constants.BROTLI_PARAM_MODE]: text ? zlib.constants.BROTLI_MODE_TEXT : zlib.constants.BROTLI_MODE_GENERIC,
    [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  },
});

/** What was weighed, packed: it is written so. */
const known = new Map();
/** How many bytes are sent for a file. */
async function weigh(bytes) {
  const key = createHash('sha256').update(bytes).digest('hex');
  if (!known.has(key)) known.set(key, await packed(bytes, false));
  return Math.min(bytes.length, known.get(key).length);
}

/** Writes `file.br` and `file.gz`, where they are smaller. */
async function compress(file) {
  if (PACKED.has(extname(file))) return;
  const bytes = await readFile(file);
  const weighed = known.get(createHash('sha256').update(bytes).digest('hex'));
  const [br, gz] = await Promise.all([weighed ?? packed(bytes, TEXT.has(extname(file))), gzip(bytes, { level: 9 })]);
  const { mtime } = await stat(file);
  for (const [suffix, packed] of [['.br', br], ['.gz', gz]]) {
    if (packed.length >= bytes.length) continue;
    await writeFile(file + suffix, packed);
    // One time for all three, so that `Last-Modified` does not depend on what the browser accepts.
    await utimes(file + suffix, mtime, mtime);
  }
}

async function compressAll(dir) {
  for (const file of await files(dir)) await compress(join(dir, file));
}

const names = (await files(join(stage, 'pkg'))).filter((name) => !name.endsWith('.d.ts'));
if (!names.some((name) => name.endsWith('.wasm'))) {
  console.error(`${stage}/pkg holds no WASM: build first.`);
  process.exit(1);
}

// What it is made of, and how: also by which versions of others' programs.
const used = await Promise.all(['acorn', 'binaryen'].map(async (name) => {
  const { version } = JSON.parse(await readFile(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8'));
  return `${name} ${version}`;
}));
const scripts = ['contents.mjs', 'names.mjs', 'optimizer.mjs', 'pack.mjs', 'parts.mjs', 'wasm.mjs'];
const from = createHash('sha256')
  .update(`${used} ${process.versions.brotli} ${process.versions.zlib}`)
  .update(await hashOf(fileURLToPath(new URL('.', import.meta.url)), scripts))
  .update(await hashOf(join(stage, 'pkg'), names))
  .digest('hex');

// What the present build was made of stands beside the site, not in it: the same can be made of what differs in the end in nothing, and
// has one name.
const made = `${site}.made.json`;

/** Whether a build is published. */
const isThere = (build) => stat(join(site, 'pkg', build)).then(() => true, () => false);

/** The build that was made of the same before, if it is still there. */
async function madeBefore() {
  let told = {};
  try {
    told = JSON.parse(await readFile(made, 'utf8'));
  } catch {
    // It is not there, or not whole: nothing is known of what was made.
  }
  if (told.from !== from) return undefined;
  return (await isThere(told.build)) ? told.build : undefined;
}

/** Packs it, complete under another name before it gets its own. */
async function makeAnew() {
  const fresh = join(site, 'pkg', `.${from.slice(0, 16)}.new`);
  await rm(fresh, { recursive: true, force: true });
  const optimizer = new Optimizer();
  const { kept, written, pages, groups } = await packParts(join(stage, 'pkg'), names, weigh, optimizer);
  await optimizer.close();
  for (const name of kept) {
    await mkdir(dirname(join(fresh, name)), { recursive: true });
    await cp(join(stage, 'pkg', name), join(fresh, name));
  }
  for (const [name, bytes] of written) await writeFile(join(fresh, name), bytes);
  // For the size check.
  await writeFile(join(fresh, 'parts.json'), JSON.stringify({ pages, groups }));
  await compressAll(fresh);
  const build = await nameOf(fresh);
  // The same may be there already, made of something else.
  if (await isThere(build)) await rm(fresh, { recursive: true });
  else await rename(fresh, join(site, 'pkg', build));
  await writeFile(`${made}.new`, JSON.stringify({ from, build }));
  await rename(`${made}.new`, made);
  return build;
}

// 1. The package.
const build = await madeBefore() ?? await makeAnew();
const now = new Date();
await utimes(join(site, 'pkg', build), now, now);

// 2. The public files: what is no longer in the stage goes, the rest is written anew.
const publicNames = new Set((await files(stage)).filter((name) => !name.startsWith('pkg/')));
for (const name of await files(site)) {
  if (name.startsWith('pkg/') || name === 'build.txt') continue;
  if (!publicNames.has(name.replace(/\.(br|gz)$/, ''))) await rm(join(site, name));
}
for (const name of publicNames) {
  await mkdir(dirname(join(site, name)), { recursive: true });
  // With its own time, so that an unchanged file keeps its `Last-Modified` across builds.
  await cp(join(stage, name), join(site, name), { preserveTimestamps: true });
  await compress(join(site, name));
}

// 3. Only now the new build is the current one; in one step.
await writeFile(join(site, 'build.txt.new'), `${build}\n`);
await rename(join(site, 'build.txt.new'), join(site, 'build.txt'));

// 4. Old builds go, and what was not finished.
for (const name of await readdir(join(site, 'pkg'))) if (name.startsWith('.')) await rm(join(site, 'pkg', name), { recursive: true });
const builds = await Promise.all(
  (await readdir(join(site, 'pkg'))).map(async (name) => ({ name, time: (await stat(join(site, 'pkg', name))).mtimeMs })),
);
builds.sort((a, b) => b.time - a.time);
for (const { name } of builds.filter(({ name }) => name !== build).slice(KEEP - 1)) {
  await rm(join(site, 'pkg', name), { recursive: true, force: true });
}

console.log(`Packed build ${build} into ${site}`);
