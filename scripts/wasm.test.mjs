// That modules do the same after their functions have changed places, and several of them as one: `node --test scripts/wasm.test.mjs`.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import binaryen from 'binaryen';
import { Optimizer } from './optimizer.mjs';
import { isEmpty, merged, ordered } from './wasm.mjs';

const { BulkMemory, BulkMemoryOpt, NontrappingFPToInt, SignExt, MutableGlobals, ReferenceTypes, Multivalue, SIMD128 } = binaryen.Features;

function wasm(text, more = 0) {
  const module = binaryen.parseText(`(module ${text})`);
  module.setFeatures(BulkMemory | BulkMemoryOpt | NontrappingFPToInt | SignExt | MutableGlobals | ReferenceTypes | Multivalue | more);
  assert.ok(module.validate());
  const bytes = Buffer.from(module.emitBinary());
  module.dispose();
  return bytes;
}

const IMPORTED = `
  (import "m" "memory" (memory 1))
  (import "m" "table" (table 64 funcref))
  (import "m" "top" (global $top (mut i32)))`;
const shared = () => ({
  m: {
    memory: new WebAssembly.Memory({ initial: 1 }),
    table: new WebAssembly.Table({ initial: 64, element: 'anyfunc' }),
    top: new WebAssembly.Global({ value: 'i32', mutable: true }, 5),
  },
});

/** Numbers that look as if nobody had chosen them, the same every time. */
function* numbers() {
  for (let state = 12_345; ; state = (state * 1_103_515_245 + 12_345) % 2 ** 31) yield Math.floor(state / 2 ** 8);
}
const chance = numbers();
const upTo = (end) => chance.next().value % end;

/** A function of many kinds of instructions, which calls those before it by name or through the table. */
function body(n, first) {
  const other = first + upTo(n + 1);
  const call = n === 0 ? '(i32.const 3)' : upTo(2)
    ? `(call $f${first + upTo(n)} (local.get $x))`
    : `(call_indirect (param i32) (result i32) (local.get $x) (i32.const ${first + upTo(n)}))`;
  return [
    `(i32.add ${call} (i32.const ${upTo(100_000) - 50_000}))`,
    `(if (result i32) (i32.and (local.get $x) (i32.const 1)) (then ${call}) (else (i32.xor (local.get $x) (i32.const ${other}))))`,
    `(block (result i32) (i32.store offset=${upTo(300)} align=1 (i32.const ${upTo(64)}) ${call}) (i32.load offset=8 align=2 (i32.const 4)))`,
    `(block $a (block $b (br_table $a $b $a (i32.rem_u (local.get $x) (i32.const 3)))) (return ${call})) (i32.const ${other})`,
    `(i32.wrap_i64 (i64.add (i64.extend_i32_s ${call}) (i64.const ${upTo(1_000_000)}000)))`,
    `(i32.trunc_sat_f64_s (f64.mul (f64.convert_i32_s ${call}) (f64.const 1.5)))`,
    `(global.set $top (i32.add (global.get $top) ${call})) (global.get $top)`,
    `(memory.fill (i32.const 512) (local.get $x) (i32.const 9)) (memory.copy (i32.const 0) (i32.const 500) (i32.const 30)) ${call}`,
    `(select ${call} (local.tee $y (i32.const ${other})) (local.get $x))`,
    `(i32.extend8_s ${call})`,
    `${call} (i32.const ${other}) (block (param i32 i32) (result i32 i32)) (i32.sub)`,
  ][upTo(11)];
}
const functions = (from, to) => Array.from({ length: to - from }, (_, n) =>
  `(func $f${from + n} (param $x i32) (result i32) (local $y i32) (local $z f32) ${body(n, from)})`).join('\n');
const table = (from, to) => `(elem (i32.const ${from}) ${Array.from({ length: to - from }, (_, n) => `$f${from + n}`).join(' ')})`;

/** What all functions of the table answer, one after another, and what is in memory then. */
async function answers(wasms) {
  const imports = shared();
  for (const bytes of wasms) await WebAssembly.instantiate(bytes, imports);
  const all = [];
  for (let at = 0; at < 64; at += 1) for (const x of [0, 1, 2, -7]) all.push(imports.m.table.get(at)?.(x));
  return [all, Buffer.from(imports.m.memory.buffer), imports.m.top.value];
}

test('functions do the same in another order', async () => {
  for (let round = 0; round < 20; round += 1) {
    const before = wasm(`${IMPORTED} ${table(0, 40)} ${functions(0, 40)}`);
    const after = ordered(before);
    assert.notDeepEqual(after, before);
    assert.deepEqual(await answers([after]), await answers([before]));
    // Nothing is gained by doing it twice, and nothing lost.
    assert.deepEqual(await answers([ordered(after)]), await answers([before]));
  }
});

test('what a module exports, begins with and imports is the same in another order', async () => {
  const text = `
    (import "m" "say" (func $say (param i32)))
    (memory (export "memory") 1) (global (export "g") i32 (i32.const 7)) (table (export "t") 9 funcref)
    (elem (i32.const 2) $a $say $b)
    (func $a (param i32) (call $say (i32.const 1)) (call $b (i32.const 2)))
    (func $b (export "b") (param i32) (call $say (i32.add (local.get 0) (i32.const 40))))
    (func $begin (call $say (i32.const 100)) (call $a (i32.const 0)))
    (func (export "a") (param i32) (call $a (local.get 0)) (call $b (local.get 0)))
    (data (i32.const 3) "moim")
    (start $begin)`;
  const said = async (bytes) => {
    const all = [];
    const { instance: { exports } } = await WebAssembly.instantiate(bytes, { m: { say: (it) => all.push(it) } });
    exports.a(3);
    exports.b(4);
    for (let at = 2; at < 5; at += 1) exports.t.get(at)(at);
    return [all, exports.g.value, Buffer.from(exports.memory.buffer, 0, 8).toString(), exports.t.get(5)];
  };
  const before = wasm(text);
  assert.deepEqual(await said(ordered(before)), await said(before));
});

test('several modules are as good as one', async () => {
  for (let round = 0; round < 20; round += 1) {
    const parts = [[0, 12], [12, 20], [30, 41]].map(([from, to]) => wasm(`${IMPORTED} ${table(from, to)} ${functions(from, to)}`));
    const { wasm: one, data } = merged(parts);
    assert.deepEqual(data, []);
    assert.deepEqual(await answers([one]), await answers(parts));
    assert.deepEqual(await answers([ordered(one)]), await answers(parts));
    // As when a page brings what another has brought already.
    assert.deepEqual(await answers([parts[1], one, parts[0]]), await answers(parts));
  }
});

test('what the optimiser makes of several is as good as they are, also where another fills a hole of the table', async (t) => {
  const optimizer = new Optimizer();
  t.after(() => optimizer.close());
  for (let round = 0; round < 10; round += 1) {
    const parts = [[0, 12], [12, 20], [30, 41]].map(([from, to]) => wasm(`${IMPORTED} ${table(from, to)} ${functions(from, to)}`));
    // It calls those of the others, which are not there yet when it comes.
    const last = wasm(`${IMPORTED} ${table(50, 53)} ${[50, 51, 52].map((at) => `(func $f${at} (param $x i32) (result i32)
      (i32.add (i32.const ${at}) (call_indirect (param i32) (result i32) (local.get $x) (i32.const ${at - 20}))))`).join('\n')}`);
    const { wasm: one, data } = await optimizer.together([last, ...parts.slice(0, 2)]);
    assert.deepEqual(data, []);
    assert.deepEqual(await answers([one, parts[2]]), await answers([last, ...parts]));
    const alone = await Promise.all([last, ...parts].map((part) => optimizer.alone(part)));
    assert.deepEqual(await answers(alone), await answers([last, ...parts]));
  }
  await assert.rejects(optimizer.alone(Buffer.from('no')), /parsing wasm/);
});

test('more types than one byte counts, and data behind the code, keep their places', async () => {
  const types = Array.from({ length: 90 }, (_, n) => `(type $t${n} (func (param ${'i32 '.repeat(n + 1)})))`).join('');
  const text = `${IMPORTED} ${types} (type $pair (func (param i32 f32) (result i32 f32))) ${table(0, 2)}
    ${Array.from({ length: 90 }, (_, n) => `(func (type $t${n}))`).join('')}
    (func $f0 (param i32) (result i32) (local.get 0) (f32.const 2) (block (type $pair)) (drop))
    (func $f1 (param i32) (result i32) (i32.load (i32.const 100)))
    (data (i32.const 100) "moim")`;
  const before = wasm(text);
  assert.deepEqual(await answers([ordered(before)]), await answers([before]));
  const { wasm: one, data } = merged([wasm(functions(0, 0)), before]);
  assert.deepEqual(await answers([ordered(one)]).then(([all]) => all), await answers([one]).then(([all]) => all));
  assert.deepEqual(data.map(({ of, at }) => [of, at]), [[1, 100]]);
});

test('of two that want one place, the later has it', async () => {
  const before = wasm(`${IMPORTED} (elem (i32.const 1) $a $a $a) (elem (i32.const 2) $b) ${['a', 'b'].map((name, n) =>
    `(func $${name} (param i32) (result i32) (i32.const ${n}))`).join('')}`);
  const [all] = await answers([ordered(before)]);
  assert.deepEqual([1, 2, 3].map((at) => all[4 * at]), [0, 1, 0]);
});

test('what a module begins with is done', async () => {
  const before = wasm(`${IMPORTED} (start $f) (func $f (global.set $top (i32.const 99)))`);
  assert.equal((await answers([ordered(before)]))[2], 99);
});

test('a part is empty if it puts nothing anywhere', () => {
  assert.ok(isEmpty(wasm(IMPORTED)));
  assert.ok(isEmpty(wasm(`${IMPORTED} (func) (data (i32.const 9) "\\00\\00")`)));
  assert.ok(!isEmpty(wasm(`${IMPORTED} (data (i32.const 9) "\\00a")`)));
  assert.ok(!isEmpty(wasm(`${IMPORTED} ${table(0, 1)} ${functions(0, 1)}`)));
});

test('data is given back with the module that it is from', () => {
  const part = (at) => wasm(`(import "m" "memory" (memory 1)) (data (i32.const ${at}) "a${at}") (data (i32.const 70000) "far")`);
  const { data } = merged([wasm(''), part(10), part(20)]);
  assert.deepEqual(data.map(({ of, at, bytes }) => [of, at, bytes.toString()]), [[1, 10, 'a10'], [1, 70_000, 'far'], [2, 20, 'a20'], [2, 70_000, 'far']]);
});

test('what is not expected is an error', () => {
  const no = (text, what, more) => assert.throws(() => merged([wasm(text, more)]), what);
  no('(import "m" "f" (func))', /imports a function/);
  no('(memory 1)', /a section 5/);
  no('(start $f) (func $f)', /a section 8/);
  no('(func (export "f"))', /a section 7/);
  no('(import "m" "a" (global i32)) (import "m" "b" (global i32))', /do not import the same/);
  no('(import "m" "memory" (memory 1)) (data "passive")', /fixed place/);
  no('(import "m" "memory" (memory 1)) (data $d "passive") (func (data.drop $d))', /fixed place|not known/);
  no('(import "m" "table" (table 1 funcref)) (import "m" "at" (global $at i32)) (elem (global.get $at) $f) (func $f)', /fixed place/);
  no('(func (param v128) (drop (i32x4.neg (local.get 0))))', /not known here: 0xfd/, SIMD128);
  const used = (name) => wasm(`(import "m" "${name}" (global i32)) (func (result i32) (global.get 0))`);
  assert.throws(() => merged([used('a'), used('b')]), /do not import the same/);
  assert.throws(() => merged([Buffer.from('<!doctype html>')]), /no WASM/);
});
