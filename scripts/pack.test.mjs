// What a build is called: `node --test scripts/pack.test.mjs`. A small package in the shape of cargo-leptos' is packed.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import binaryen from 'binaryen';
import { files, nameOf } from './contents.mjs';

const run = promisify(execFile);
const PROGRAM = fileURLToPath(new URL('./pack.mjs', import.meta.url));

const wasm = (text) => {
  const module = binaryen.parseText(`(module ${text})`);
  const bytes = Buffer.from(module.emitBinary());
  module.dispose();
  return bytes;
};
/** An entry that imports a function of its JavaScript and the loader of a page. */
const ENTRY = wasm(`
  (import "./moim_bg.js" "__wbg_alert_7cc5bae365027e0d" (func $alert (param i32)))
  (import "./__wasm_split.js" "__wasm_split_load_home_view" (func $load (param i32 i32)))
  (memory (export "memory") 1)
  (func (export "main") (call $alert (i32.const 1)) (call $load (i32.const 2) (i32.const 3)))`);
/** A lazy part with a function at a place of the table. */
const part = (at, value, more = []) => wasm(`
  (import "__wasm_split" "memory" (memory 1))
  (import "__wasm_split" "__indirect_function_table" (table 8000 funcref))
  (import "__wasm_split" "__wasm_split_shared0" (global (mut i32)))
  (elem (i32.const ${at}) $value)
  (elem (i32.const ${1_000 * at}) ${more.map((_, n) => `$more${n}`).join(' ')})
  (data (i32.const ${16 * at}) "${at}")
  ${more.map((word, n) => `(func $more${n} (result i64) (i64.const 0x${word}))`).join('')}
  (func $value (result i32) (i32.add (i32.load8_u (i32.const ${16 * at})) (i32.const ${value})))`);
const words = (seed) => Array.from({ length: 200 }, (_, n) => createHash('sha256').update(`${seed} ${n}`).digest('hex').slice(0, 15));
const load = (file) => `() => {
    const src = fetch(new URL("./${file}", import.meta.url));
    return src;
}`;
const STAGE = {
  'pkg/moim.wasm': ENTRY,
  'pkg/moim.js': `import*as split from"./__wasm_split.js";
function imports(){return{"./moim_bg.js":{__proto__:null,__wbg_alert_7cc5bae365027e0d:(text)=>alert(text)},"./__wasm_split.js":split}}
function learn(text){return globalThis.learnt(text)}
export{imports,learn};`,
  'pkg/__wasm_split.js': `function getSharedImports() { const { __wasm_split, memory,  } = globalThis.shared; return { __wasm_split, memory,  }; }
function wrapAsyncCb(load) { return load; }
function makeLoad(load, needs) { return { load, needs }; }
const chunk_0 = makeLoad(${load('chunk_0.wasm')}, []);
const chunk_1 = makeLoad(${load('chunk_1.wasm')}, []);
export const __wasm_split_load_home_view = wrapAsyncCb(makeLoad(${load('home.wasm')}, [chunk_0]));
export const __wasm_split_load_about_view = wrapAsyncCb(makeLoad(${load('about.wasm')}, [chunk_0]));
export const __wasm_split_load_long_view = wrapAsyncCb(makeLoad(${load('long.wasm')}, [chunk_1]));
export const __wasm_split_load_wide_view = wrapAsyncCb(makeLoad(${load('wide.wasm')}, [chunk_1]));
export const __wasm_split_load_chats_view = wrapAsyncCb(makeLoad(${load('chats.wasm')}, []));
`,
  'pkg/chunk_0.wasm': part(1, 100),
  'pkg/home.wasm': part(2, 200),
  'pkg/about.wasm': part(3, 300),
  // So much that nobody loads it twice, or without need.
  'pkg/long.wasm': part(4, 400, words('long')),
  'pkg/wide.wasm': part(5, 500, words('wide')),
  'pkg/chunk_1.wasm': part(6, 600, words('chunk')),
  // Says no more than what every page says.
  'pkg/chats.wasm': part(7, 700),
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
  for (const [name, bytes] of [['pkg/moim.css', `${STAGE['pkg/moim.css']} `], ['pkg/home.wasm', part(2, 201)], ['pkg/chunk_0.wasm', part(1, 101)]]) {
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

test('what comes to the same has one name, whatever it was made of', async (t) => {
  const { build, pkg, site, again } = await packed(t);
  const before = await contents(pkg);
  // Another name of something that no file has in the end, and another order of what has none.
  const js = STAGE['pkg/__wasm_split.js'].replaceAll('chunk_0 ', 'chunk_9 ').replaceAll('[chunk_0]', '[chunk_9]')
    .replaceAll('{ __wasm_split, memory,  }', '{ memory, __wasm_split,  }');
  assert.match(js, /const \{ memory, __wasm_split, {2}\}/);
  await writeFile(join(site, '../stage/pkg/__wasm_split.js'), js);
  await again();
  assert.deepEqual(await readdir(join(site, 'pkg')), [build]);
  assert.deepEqual(await contents(pkg), before);
});

test('what was packed before is not packed again, unless nobody knows', async (t) => {
  const { build, site, again } = await packed(t);
  const made = async () => (await stat(`${site}.made.json`)).mtimeMs;
  const before = await made();
  await again();
  assert.equal(await made(), before);
  // As after a full disk, and with what an end in the middle leaves behind.
  await writeFile(`${site}.made.json`, '{');
  await mkdir(join(site, 'pkg/.0123.new'));
  await again();
  assert.ok(await made() > before);
  assert.deepEqual(await readdir(join(site, 'pkg')), [build]);
  assert.equal((await readFile(join(site, 'build.txt'), 'utf8')).trim(), build);
});

const MORE = '/text/ko-more-0123456789abcdef.txt';
const SENTENCES = '0\n!\none\n';

/** A document that has a packed program: its loader, its memory, its table, and what it has asked for and learnt. */
async function opened(t, pkg, answer = (url) => readFile(url), say = () => SENTENCES) {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const table = new WebAssembly.Table({ initial: 8_000, element: 'anyfunc' });
  const top = new WebAssembly.Global({ value: 'i32', mutable: true }, 0);
  globalThis.shared = { __wasm_split: { memory, __indirect_function_table: table, __wasm_split_shared0: top } };
  globalThis.document = { documentElement: { dataset: { more: MORE } } };
  const [asked, texts] = [[], []];
  globalThis.learnt = (text) => {
    if (text === SENTENCES) texts.push('learnt');
    return text === SENTENCES;
  };
  t.mock.method(globalThis, 'fetch', async (url) => {
    if (url === MORE) {
      texts.push('asked');
      return new Response(await say());
    }
    asked.push(basename(url.pathname));
    return new Response(await answer(url));
  });
  const { p0: home, p1: about, p2: long, p3: wide, p4: chats } = await import(join(pkg, '__wasm_split.js'));
  return { home, about, long, wide, chats, asked, texts, table, memory: new Uint8Array(memory.buffer) };
}
const at = (place) => `${place}`.charCodeAt(0);

test('a page comes in one file with its data; code comes again with the next, and data does not', async (t) => {
  const { pkg } = await packed(t);
  const { home, about, asked, table, memory } = await opened(t, pkg);
  await home();
  assert.deepEqual(asked, ['page_0.wasm']);
  assert.equal(table.get(1)(), at(1) + 100);
  assert.equal(table.get(2)(), at(2) + 200);
  memory[16] = 7;
  await home();
  assert.deepEqual(asked, ['page_0.wasm'], 'what is here is not asked for');
  await about();
  assert.deepEqual(asked, ['page_0.wasm', 'page_1.wasm']);
  assert.equal(table.get(3)(), at(3) + 300);
  assert.equal(table.get(1)(), 7 + 100, 'what the program has written stays');
});

test('pages that come at once have all that both need', async (t) => {
  const { pkg } = await packed(t);
  const { home, about, long, asked, table } = await opened(t, pkg);
  await Promise.all([home(), about(), long()]);
  assert.deepEqual(asked, ['page_0.wasm', 'page_1.wasm', 'page_2.wasm']);
  for (const place of [1, 2, 3, 4, 6]) assert.equal(table.get(place)(), at(place) + 100 * place);
});

test('who has much already loads the rest alone', async (t) => {
  const { pkg } = await packed(t);
  const { long, wide, asked, table } = await opened(t, pkg);
  await long();
  await wide();
  assert.equal(asked.length, 2);
  assert.match(asked[1], /^part_/);
  assert.equal(table.get(5)(), at(5) + 500);
});

test('what not every page says is asked for once, by the first page that says it', async (t) => {
  const { pkg } = await packed(t);
  let answer;
  const { chats, home, about, texts, table } = await opened(t, pkg, undefined, () => new Promise((done) => (answer = done)));
  await chats();
  assert.equal(table.get(7)(), at(7) + 700);
  assert.deepEqual(texts, []);
  let done = false;
  const pages = Promise.all([home(), about()]).then(() => (done = true));
  // Until all that the pages need is there but the sentences.
  while (!table.get(2) || !table.get(3)) await new Promise(setImmediate);
  assert.deepEqual([texts, done], [['asked'], false]);
  answer(SENTENCES);
  await pages;
  await home();
  assert.deepEqual(texts, ['asked', 'learnt']);
});

test('what are no sentences is asked for again by the next page', async (t) => {
  const { pkg } = await packed(t);
  const answers = ['Sign in to the network', SENTENCES];
  const { home, about, texts } = await opened(t, pkg, undefined, () => answers.shift());
  await assert.rejects(home(), /no sentences/);
  await about();
  assert.deepEqual(texts, ['asked', 'asked', 'learnt']);
});

test('the manifest says which pages say more', async (t) => {
  const { pkg } = await packed(t);
  const manifest = JSON.parse(await readFile(join(pkg, '__wasm_split_manifest.json'), 'utf8'));
  const of = (name) => Object.entries(manifest).find(([key]) => key.includes(name))[1];
  assert.deepEqual([of('home'), of('chats')], [['page_0', 'more'], ['page_4']]);
});

test('a file that cannot be read is asked for again by the next who needs it', async (t) => {
  const { pkg } = await packed(t);
  let answers = 0;
  const { home, asked, table } = await opened(t, pkg, (url) => {
    answers += 1;
    return answers === 1 ? 'Sign in to the network' : readFile(url);
  });
  await assert.rejects(home());
  await home();
  assert.deepEqual(asked, ['page_0.wasm', 'page_0.wasm']);
  assert.equal(table.get(1)(), at(1) + 100);
});
