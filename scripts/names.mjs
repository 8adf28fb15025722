// What the browser's program and its JavaScript call each other, made short.
//
// wasm-bindgen names what the program imports after what it is and a hash (`__wbg_append_7cc5bae365027e0d`); every name is sent
// twice, and hashes do not compress. Here they become `a`, `b`, `c`, …; and what nobody imports any more goes.

import { parse } from 'acorn';
import { Bytes, number, text } from './wasm.mjs';

const GLUE = './moim_bg.js';
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
/** Classes for streams between both sides, which come with a library of ours and which nothing makes. */
export const UNUSED = /^(__wbg_)?intounderlying/i;

/** `a` … `Z`, `aa` … */
function* shortNames() {
  for (let length = 1; ; length += 1) {
    for (let number = 0; number < LETTERS.length ** length; number += 1) {
      let name = '';
      for (let rest = number, i = 0; i < length; i += 1, rest = Math.floor(rest / LETTERS.length)) name = LETTERS[rest % LETTERS.length] + name;
      yield name;
    }
  }
}

/** A WASM file whose imports are called what `rename(module, name)` says. */
function renameImports(wasm, rename) {
  const file = new Bytes(wasm, 8);
  while (file.at < wasm.length) {
    const begin = file.at;
    const id = wasm[file.at++];
    const end = file.number() + file.at;
    if (id !== 2) {
      file.at = end;
      continue;
    }
    const count = file.number();
    const imports = [number(count)];
    for (let i = 0; i < count; i += 1) {
      const [module, name] = [file.text(), file.text()];
      const from = file.at;
      file.imported();
      imports.push(text(module), text(rename(module, name)), wasm.subarray(from, file.at));
    }
    if (file.at !== end) throw new Error('the imports do not end where they should');
    const section = Buffer.concat(imports);
    return Buffer.concat([wasm.subarray(0, begin), Buffer.from([2]), number(section.length), section, wasm.subarray(end)]);
  }
  throw new Error('no imports');
}

/** Source with some of its parts, given by their nodes, replaced; later ones first. */
function replaced(source, changes) {
  let text = source;
  for (const [{ start, end }, by] of changes.sort(([a], [b]) => b.start - a.start)) {
    // With the comma behind it, if it goes.
    const after = by === '' && text[end] === ',' ? end + 1 : end;
    text = text.slice(0, start) + by + text.slice(after);
  }
  return text;
}

/**
 * Makes the names between the entry and its JavaScript short.
 * @param {Buffer} wasm the entry
 * @param {string} js its JavaScript
 * @param {(name: string) => string} loads what the loader of lazy parts calls something now
 * @returns {{ wasm: Buffer, js: string }} both
 */
export function shorten(wasm, js, loads) {
  const fresh = shortNames();
  const short = new Map();
  const named = (name) => short.get(name) ?? short.set(name, fresh.next().value).get(name);
  const renamed = renameImports(wasm, (module, name) => (module === GLUE ? named(name) : loads(name)));

  const program = parse(js, { ecmaVersion: 'latest', sourceType: 'module' });
  const changes = [];
  let loader;
  let glue;
  for (const node of program.body) {
    if (node.type === 'ImportDeclaration') {
      // One import for all, not one for each of its functions.
      if (loader) changes.push([node, '']);
      else loader = { from: node.source.value, local: node.specifiers[0].local.name };
    }
    const declared = node.type === 'ExportNamedDeclaration' ? node.declaration : undefined;
    const isUnused = declared?.type === 'ClassDeclaration' ? UNUSED.test(declared.id.name)
      : node.type === 'ExpressionStatement' && /^Symbol\.dispose&&\(IntoUnderlying/.test(js.slice(node.start, node.end));
    if (isUnused) changes.push([node, '']);
    const result = node.type === 'FunctionDeclaration' ? node.body.body.at(-1)?.argument : undefined;
    if (result?.type === 'ObjectExpression' && result.properties.some(({ key }) => key.value === GLUE)) glue = result;
  }
  if (!loader || !glue) throw new Error('moim.js does not look as expected');
  let isFirst = true;
  for (const property of glue.properties) {
    if (property.key.value === loader.from) {
      changes.push([property, isFirst ? `${JSON.stringify(loader.from)}:${loader.local}` : '']);
      isFirst = false;
    }
    if (property.key.value !== GLUE) continue;
    for (const { key, ...entry } of property.value.properties) {
      if (key.name === '__proto__') continue;
      if (short.has(key.name)) changes.push([key, short.get(key.name)]);
      else changes.push([entry, '']);
    }
  }
  const shortened = replaced(js, changes).replace(/,(?=[}\]])/g, '');
  parse(shortened, { ecmaVersion: 'latest', sourceType: 'module' });
  return { wasm: renamed, js: shortened };
}
