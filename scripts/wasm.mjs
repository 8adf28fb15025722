// Reads and writes WASM modules as far as a build needs it: several become one, and functions change places.
//
// What is not expected is an error, so that a compiler which writes something new ends the build instead of a page.

const HEAD = Buffer.from('\0asm\x01\0\0\0', 'latin1');
const [TYPES, IMPORTS, FUNCTIONS, GLOBALS, EXPORTS, START, ELEMENTS, CODE, DATA, DATA_COUNT] = [1, 2, 3, 6, 7, 8, 9, 10, 11, 12];
/** In the order in which they stand in a file (tables, memories, globals between); others, as names and producers, are left out. */
const ORDER = [1, 2, 3, 4, 5, 6, 7, 8, 9, DATA_COUNT, CODE, DATA];
const [I32_CONST, END, NO_RESULT, REF_NULL, REF_FUNC] = [0x41, 0x0b, 0x40, 0xd0, 0xd2];

/** Reads what a WASM file is made of: numbers of seven bits a byte, and texts behind their length. */
export class Bytes {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  get isAtEnd() {
    return this.at >= this.bytes.length;
  }

  byte() {
    return this.bytes[this.at++];
  }

  number() {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = this.bytes[this.at++];
      value += (byte % 128) * shift;
      if (byte < 128) return value;
    }
  }

  /** Passes over a number, signed or not. */
  skip() {
    while (this.bytes[this.at] >= 128) this.at += 1;
    this.at += 1;
  }

  take(length) {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  text() {
    return this.take(this.number()).toString('utf8');
  }

  /** What `read` reads, as often as the number before it says. */
  list(read) {
    return Array.from({ length: this.number() }, () => read());
  }

  /** The bytes that `pass` passes over. */
  passed(pass) {
    const from = this.at;
    pass();
    return this.bytes.subarray(from, this.at);
  }

  /** Passes over what is imported: a function, a table, a memory or a global. */
  imported() {
    const kind = this.byte();
    const limits = () => {
      const most = this.number() & 1;
      this.number();
      if (most) this.number();
    };
    if (kind === 0) this.number();
    else if (kind === 1) { this.at += 1; limits(); }
    else if (kind === 2) limits();
    else if (kind === 3) this.at += 2;
    else throw new Error(`an import of the kind ${kind}`);
  }
}

/** A number as a WASM file has it. */
export const number = (value) => {
  const bytes = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return Buffer.from([...bytes, value]);
};
/** A text as a WASM file has it. */
export const text = (value) => Buffer.concat([number(Buffer.byteLength(value)), Buffer.from(value)]);
/** The number of a type where a negative one would be something else. */
const signed = (value) => {
  const bytes = [...number(value)];
  if (bytes.at(-1) & 0x40) bytes.push((bytes.pop() | 0x80), 0);
  return Buffer.from(bytes);
};
const list = (items) => Buffer.concat([number(items.length), ...items]);

/** The sections of a module by their numbers. */
function sections(wasm) {
  if (!wasm.subarray(0, HEAD.length).equals(HEAD)) throw new Error('this is no WASM');
  const file = new Bytes(wasm, HEAD.length);
  const found = new Map();
  while (!file.isAtEnd) {
    const id = file.byte();
    const content = file.take(file.number());
    if (id !== 0 && !ORDER.includes(id)) throw new Error(`a section ${id}`);
    // Without names and the like, and what says only that there is nothing.
    // (What a module begins with is a number, not a list.)
    if (id !== 0 && (id === START || !content.equals(Buffer.from([0])))) found.set(id, content);
  }
  return found;
}

/** The items of a section, each as `read` reads it. */
function items(found, id, read) {
  if (!found.has(id)) return [];
  const section = new Bytes(found.get(id));
  const all = section.list(() => read(section));
  if (!section.isAtEnd) throw new Error(`section ${id} does not end where it should`);
  return all;
}

function type(section) {
  return section.passed(() => {
    if (section.byte() !== 0x60) throw new Error('a type that is no function');
    for (const _ of ['takes', 'gives']) section.take(section.number());
  });
}

/** Where something begins that has a fixed place. */
function place(section, what) {
  if (section.byte() !== I32_CONST) throw new Error(`${what} without a fixed place`);
  const at = section.number();
  if (section.byte() !== END) throw new Error(`${what} without a fixed place`);
  return at;
}

/** Functions of the table from a place on; undefined where there is none. */
function element(section) {
  const flags = section.number();
  // Active, in the first table or in one that is named; as numbers or as expressions.
  if (![0, 2, 4, 6].includes(flags)) throw new Error(`functions of the kind ${flags}`);
  if (flags & 2 && section.number() !== 0) throw new Error('functions of another table');
  const at = place(section, 'functions');
  if (flags & 2) section.byte();
  if (!(flags & 4)) return { at, functions: section.list(() => section.number()) };
  return { at, functions: section.list(() => {
    const instruction = section.byte();
    if (![REF_FUNC, REF_NULL].includes(instruction)) throw new Error('a function that is computed');
    const found = section.number();
    if (section.byte() !== END) throw new Error('a function that is computed');
    return instruction === REF_FUNC ? found : undefined;
  }) };
}

/** The same functions in as few pieces as there can be. A table is empty at first, so nothing says so. */
function joined(elements) {
  const places = elements.flatMap(({ at, functions }) => functions.map((found, i) => [at + i, found]));
  const pieces = [];
  for (const [at, found] of places.filter(([, is]) => is !== undefined).sort(([a], [b]) => a - b)) {
    const last = pieces.at(-1);
    if (last && last.at + last.functions.length === at) last.functions.push(found);
    else pieces.push({ at, functions: [found] });
  }
  return pieces;
}

function data(section) {
  if (section.number() !== 0) throw new Error('data without a fixed place');
  return { at: place(section, 'data'), bytes: section.take(section.number()) };
}

/** A module in the pieces that can be put together anew. */
function read(wasm) {
  const found = sections(wasm);
  const imports = items(found, IMPORTS, (section) => {
    const [module, name] = [section.text(), section.text()];
    return { module, name, what: section.passed(() => section.imported()) };
  });
  return {
    found,
    types: items(found, TYPES, type),
    imports,
    imported: imports.filter(({ what }) => what[0] === 0).length,
    functions: items(found, FUNCTIONS, (section) => section.number()),
    elements: joined(items(found, ELEMENTS, element)),
    bodies: items(found, CODE, (section) => section.take(section.number())),
  };
}

/** What a lazy part may have. */
const PART = [TYPES, IMPORTS, FUNCTIONS, ELEMENTS, CODE, DATA, DATA_COUNT];
/** What stands behind an instruction, for those of more than one byte. */
const OPERANDS = (() => {
  const all = new Map();
  const set = (codes, ...operands) => codes.forEach((code) => all.set(code, operands));
  const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
  set([0x02, 0x03, 0x04], 'result');
  set([0x0c, 0x0d, ...range(0x20, 0x26), 0x3f, 0x40, I32_CONST, 0x42, 0xd0], 'number');
  set([0x10, 0xd2], 'function');
  set([0x11], 'type', 'number');
  set([0x0e], 'targets');
  set([0x1c], 'results');
  set(range(0x28, 0x3e), 'align', 'number');
  set([0x43], 'four');
  set([0x44], 'four', 'four');
  set([0x00, 0x01, 0x05, END, 0x0f, 0x1a, 0x1b, 0xd1, ...range(0x45, 0xc4)]);
  return all;
})();
/** The same for those behind 0xfc: conversions that saturate, then those of memory and tables; none that names a piece of data. */
const MORE_OPERANDS = new Map([...Array.from({ length: 8 }, (_, code) => [code, 0]), [10, 2], [11, 1], [14, 2], [15, 1], [16, 1], [17, 1]]);
/** How many bytes a load or a store moves, as a power of two: 0x28 to 0x3e. */
const WIDTHS = [2, 3, 2, 3, 0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 2, 3, 2, 3, 0, 1, 0, 1, 2];

/**
 * The body of a function in which functions and types have other numbers. How far an address is aligned is a hint that browsers do not
 * take; it becomes what the instruction says already, which is a byte that compresses to nothing.
 */
function rewritten(body, functions, types) {
  const code = new Bytes(body);
  const pieces = [];
  let kept = 0;
  const replace = (make) => {
    const from = code.at;
    const made = make();
    pieces.push(body.subarray(kept, from), made);
    kept = code.at;
  };
  code.list(() => {
    code.skip();
    code.skip();
  });
  while (!code.isAtEnd) {
    const instruction = code.byte();
    if (instruction === 0xfc) {
      const count = MORE_OPERANDS.get(code.number());
      if (count === undefined) throw new Error('an instruction that is not known here, behind 0xfc');
      for (let i = 0; i < count; i += 1) code.skip();
      continue;
    }
    const operands = OPERANDS.get(instruction);
    if (!operands) throw new Error(`an instruction that is not known here: 0x${instruction.toString(16)}`);
    for (const operand of operands) {
      if (operand === 'number') code.skip();
      else if (operand === 'function') replace(() => number(functions(code.number())));
      else if (operand === 'type') replace(() => number(types(code.number())));
      else if (operand === 'align') replace(() => {
        code.skip();
        return number(WIDTHS[instruction - 0x28]);
      });
      else if (operand === 'result') {
        // A type of values or none is a negative number of one byte.
        if (body[code.at] >= NO_RESULT && body[code.at] < 0x80) code.skip();
        else replace(() => signed(types(code.number())));
      } else if (operand === 'targets') {
        code.list(() => code.skip());
        code.skip();
      } else if (operand === 'results') code.list(() => code.byte());
      else code.at += 4;
    }
  }
  if (code.at !== body.length) throw new Error('a function does not end where it should');
  pieces.push(body.subarray(kept));
  return Buffer.concat(pieces);
}

/** A module of these sections. */
function written(found) {
  const parts = [HEAD];
  for (const id of ORDER) if (found.has(id)) parts.push(Buffer.from([id]), number(found.get(id).length), found.get(id));
  return Buffer.concat(parts);
}

const functionsAt = ({ at, functions }) =>
  Buffer.concat([number(0), Buffer.from([I32_CONST]), signed(at), Buffer.from([END]), list(functions.map(number))]);
const bodyOf = (body) => Buffer.concat([number(body.length), body]);

/** Whether a lazy part puts nothing anywhere. Memory is empty at first, so zeros are nothing. */
export function isEmpty(wasm) {
  const { found, elements } = read(wasm);
  return !elements.length && items(found, DATA, data).every(({ bytes }) => bytes.every((byte) => !byte));
}

/**
 * One module that does what several do: they share what they import, and put functions into one table and data into one memory. The data
 * is given back apart, because it must be put there only once, and the module may come again with another.
 * @param {Buffer[]} wasms the modules
 * @returns {{ wasm: Buffer, data: { of: number, at: number, bytes: Buffer }[] }} with `of` the module that it is from
 */
export function merged(wasms) {
  const [types, imports, functions, bodies, elements, all] = [[], [], [], [], [], []];
  const kinds = new Set();
  const known = new Map();
  const once = (into, bytes) => {
    const key = `${into === types} ${bytes.toString('hex')}`;
    return known.get(key) ?? known.set(key, into.push(bytes) - 1).get(key);
  };
  wasms.forEach((wasm, of) => {
    const module = read(wasm);
    for (const id of module.found.keys()) if (!PART.includes(id)) throw new Error(`a lazy part with a section ${id}`);
    if (module.imported) throw new Error('a lazy part that imports a function');
    const typeOf = module.types.map((found) => once(types, found));
    for (const { module: from, name, what } of module.imports) once(imports, Buffer.concat([text(from), text(name), what]));
    const first = functions.length;
    functions.push(...module.functions.map((found) => typeOf[found]));
    elements.push(...module.elements.map(({ at, functions: found }) => ({ at, functions: found.map((place) => first + place) })));
    bodies.push(...module.bodies.map((body) => rewritten(body, (found) => first + found, (found) => typeOf[found])));
    all.push(...items(module.found, DATA, data).map((found) => ({ of, ...found })));
    // Of each kind one, the same for all: so what uses it needs no other number.
    const own = new Set(module.imports.map(({ what }) => what[0]));
    own.forEach((kind) => kinds.add(kind));
    if (own.size < module.imports.length || kinds.size < imports.length) throw new Error('lazy parts that do not import the same');
  });
  const wasm = written(new Map([
    [TYPES, list(types)],
    [IMPORTS, list(imports)],
    [FUNCTIONS, list(functions.map(number))],
    [ELEMENTS, list(joined(elements).map(functionsAt))],
    [CODE, list(bodies.map(bodyOf))],
  ]));
  return { wasm, data: all };
}

/** Passes over what a global begins with. */
function global(section) {
  section.at += 2;
  if (![I32_CONST, 0x42].includes(section.byte())) throw new Error('a global that is no number');
  section.skip();
  if (section.byte() !== END) throw new Error('a global that is no number');
}

/** How many bytes behind one another make a piece that functions may have in common. */
const PIECE = 4;
/** A piece that so many have says nothing. */
const COMMON = 200;
/** Bytes by which functions count as longer than they are, so that the shortest do not seem the most alike. */
const SHORTEST = 30;

/** The numbers of functions so that each stands behind one that it is like: what compresses looks for likeness nearby. */
function likeness(bodies) {
  const having = new Map();
  const pieces = bodies.map((body, place) => {
    const own = new Set();
    for (let at = 0; at + PIECE <= body.length; at += 1) own.add(body.readUInt32LE(at));
    for (const piece of own) {
      const places = having.get(piece);
      if (places) places.push(place);
      else having.set(piece, [place]);
    }
    return own;
  });
  for (const [piece, places] of having) if (places.length < 2 || places.length >= COMMON) having.delete(piece);
  const left = new Set(bodies.keys());
  const order = [];
  for (let now = 0; left.size; ) {
    left.delete(now);
    order.push(now);
    const common = new Map();
    for (const piece of pieces[now]) {
      const places = having.get(piece) ?? [];
      for (const place of places) if (left.has(place)) common.set(place, (common.get(place) ?? 0) + 1 / Math.sqrt(places.length));
    }
    let most = 0;
    // Without anything in common, the next as they stood.
    [now] = left;
    for (const [place, found] of common) {
      const share = found / Math.sqrt(bodies[place].length + SHORTEST);
      if (share > most) [most, now] = [share, place];
    }
  }
  return order;
}

/** The same module with its functions in another order, in which it compresses better. */
export function ordered(wasm) {
  const module = read(wasm);
  items(module.found, GLOBALS, global);
  const order = likeness(module.bodies);
  const places = [];
  order.forEach((from, to) => {
    places[from] = module.imported + to;
  });
  const functions = (found) => (found < module.imported ? found : places[found - module.imported]);
  const found = new Map(module.found);
  const set = (id, make) => found.has(id) && found.set(id, make());
  set(FUNCTIONS, () => list(order.map((from) => number(module.functions[from]))));
  set(EXPORTS, () => list(items(found, EXPORTS, (section) => {
    const name = section.text();
    const kind = section.byte();
    const place = section.number();
    return Buffer.concat([text(name), Buffer.from([kind]), number(kind === 0 ? functions(place) : place)]);
  })));
  set(START, () => number(functions(new Bytes(found.get(START)).number())));
  set(ELEMENTS, () => list(module.elements.map(({ at, functions: all }) => functionsAt({ at, functions: all.map(functions) }))));
  set(CODE, () => list(order.map((from) => bodyOf(rewritten(module.bodies[from], functions, (type) => type)))));
  return written(found);
}
