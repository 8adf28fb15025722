// What a build is called: `node --test scripts/pack.test.mjs`. A small package in the shape of cargo-leptos' is packed.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { files, nameOf } from './contents.mjs';

const run = promisify(execFile);
const PROGRAM = fileURLToPath(new URL('./pack.mjs', import.meta.url));

/** A text as WASM has it; all here are short. */
const text = (value) => Buffer.from([value.length, ...Buffer.from(value)]);
/** An entry that imports a function of its JavaScript and the loader of a page. */
function entry() {
  const imports = Buffer.concat([
    Buffer.from([2]),
    text('./moim_bg.js'), text('__wbg_alert_7cc5bae365027e0d'), Buffer.from([0, 0]),
    text('./__wasm_split.js'), text('__wasm_split_load_home_view'), Buffer.from([0, 0]),
  ]);
  return Buffer.concat([Buffer.from('\0asm\x01\0\0\0', 'latin1'), Buffer.from([2, imports.length]), imports]);
}
const load = (file) => `() => {
    const src = fetch(new URL("./${file}", import.meta.url));
    return src;
}`;
const STAGE = {
  'pkg/moim.wasm': entry(),
  'pkg/moim.js': `import*as split from"./__wasm_split.js";
function imports(){return{"./moim_bg.js":{__proto__:null,__wbg_alert_7cc5bae365027e0d:(text)=>alert(text)},"./__wasm_split.js":split}}
export{imports};`,
  'pkg/__wasm_split.js': `function getSharedImports() { return {}; }
function wrapAsyncCb(load) { return load; }
function makeLoad(load, needs) { return { load, needs }; }
const chunk_0 = makeLoad(${load('chunk_0.wasm')}, []);
export const __wasm_split_load_home_view = wrapAsyncCb(makeLoad(${load('home.wasm')}, [chunk_0]));
`,
  'pkg/chunk_0.wasm': Buffer.alloc(2_000, 'chunk'),
  'pkg/home.wasm': Buffer.alloc(2_000, 'home'),
  'pkg/moim.css': 'body { margin: 0; }\n'.repeat(100),
  'favicon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
};

/** Publishes a stage in a directory of its own; what the build is called and where it is. */
async function packed(t, stage = STAGE) {
  const dir = await mkdtemp(join(tmpdir(), 'moim-pack.'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  for (const [name, bytes] of Object.entries(stage)) {
    const file = join(dir, 'stage', name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
  const again = () => run(process.execPath, [PROGRAM, join(dir, 'stage'), join(dir, 'site')]);
  await again();
  const build = (await readFile(join(dir, 'site/build.txt'), 'utf8')).trim();
  return { build, pkg: join(dir, 'site/pkg', build), site: join(dir, 'site'), again };
}

async function contents(dir) {
  const names = await files(dir);
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, (await readFile(join(dir, name))).toString('base64')])));
}

test('the same, packed in two places, is the same byte for byte and has one name', async (t) => {
  const [one, other] = [await packed(t), await packed(t)];
  assert.equal(one.build, other.build);
  const found = await contents(one.pkg);
  assert.deepEqual(found, await contents(other.pkg));
  for (const name of ['moim.wasm', 'moim.js', 'moim.css', 'moim.css.br', 'moim.css.gz', 'page_0.wasm', 'part_0.wasm']) assert.ok(found[name], name);
});

test('where one byte is another, so is the name', async (t) => {
  const builds = [(await packed(t)).build];
  for (const name of ['pkg/moim.css', 'pkg/home.wasm', 'pkg/chunk_0.wasm']) {
    const bytes = Buffer.from(STAGE[name]);
    bytes[bytes.length - 1] ^= 1;
    builds.push((await packed(t, { ...STAGE, [name]: bytes })).build);
  }
  assert.equal(new Set(builds).size, builds.length, builds.join(', '));
});

test('the name is of what was written, not of what it was made of', async (t) => {
  const { build, pkg } = await packed(t);
  assert.equal(await nameOf(pkg), build);
  // As another compressor would have it.
  await appendFile(join(pkg, 'moim.css.br'), '\0');
  assert.notEqual(await nameOf(pkg), build);
});

test('what was packed before is not packed again', async (t) => {
  const { build, site, again } = await packed(t);
  await again();
  assert.deepEqual(await readdir(join(site, 'pkg')), [build]);
  assert.equal((await readFile(join(site, 'build.txt'), 'utf8')).trim(), build);
});
