// Finds the constant data that only functions of the rest refer to, for scripts/split.mjs.
//
// The linker is asked (see build.rs) to say what refers to what: which static each address in a
// function or in another static stands for. From the addresses that the first part holds everything
// that it can reach is marked; the read-only statics that stay unmarked belong to the rest.
import { readFileSync } from "node:fs";
import binaryen from "binaryen";
import { tree, walk } from "./tree.mjs";

/** How far from a static an address may lie that was reckoned from its own. */
const AROUND = 64;
/** A static that is shorter is not worth a segment of its own. */
const SHORTEST = 32;

// Kinds of relocations that stand for an address in memory, and those that have an addend.
const ADDRESSES = new Set([3, 4, 5, 11, 14, 15, 16, 17, 21, 23]);
const WITH_ADDEND = new Set([...ADDRESSES, 8, 9, 22]);
const UNDEFINED = 0x10;
const EXPLICIT_NAME = 0x40;

function reader(bytes) {
  let at = 0;
  const decoder = new TextDecoder();
  const self = {
    get at() { return at; },
    seek: (to) => { at = to; },
    byte: () => bytes[at++],
    number() {
      let value = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = bytes[at++];
        value += (byte & 127) * 2 ** shift;
        if (byte < 128) return value;
      }
    },
    signed() {
      let value = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = bytes[at++];
        value |= (byte & 127) << shift;
        if (byte < 128) return shift < 25 && byte & 64 ? value | (-1 << (shift + 7)) : value;
      }
    },
    text() {
      const length = self.number();
      at += length;
      return decoder.decode(bytes.subarray(at - length, at));
    },
    list: (one) => Array.from({ length: self.number() }, (_, index) => one(index)),
  };
  return self;
}

/** The parts of a module that the linker wrote. */
function parse(bytes) {
  const input = reader(bytes);
  const module = { segments: [], symbols: [], relocations: {} };
  const sections = {
    11: (start) => input.list(() => {
      if (input.number() !== 0 || input.byte() !== 0x41) throw new Error("a data segment of another kind than expected");
      const address = input.number();
      input.byte();
      const size = input.number();
      module.segments.push({ address, size, from: input.at - start, bytes: bytes.subarray(input.at, input.at + size) });
      input.seek(input.at + size);
    }),
  };
  const custom = {
    linking: (end) => {
      input.number();
      while (input.at < end) {
        const kind = input.byte();
        const size = input.number();
        const next = input.at + size;
        if (kind === 5) input.list((index) => { module.segments[index].name = input.text(); input.number(); input.number(); });
        if (kind === 8) module.symbols = input.list(symbol);
        input.seek(next);
      }
    },
    "reloc.CODE": () => { module.relocations.code = relocations(); },
    "reloc.DATA": () => { module.relocations.data = relocations(); },
  };
  const symbol = () => {
    const kind = input.byte();
    const flags = input.number();
    if (kind === 1) {
      input.text();
      if (flags & UNDEFINED) return undefined;
      return { segment: input.number(), offset: input.number(), size: input.number() };
    }
    input.number();
    if (kind !== 3 && (flags & EXPLICIT_NAME || !(flags & UNDEFINED))) input.text();
    return undefined;
  };
  const relocations = () => {
    input.number();
    return input.list(() => {
      const kind = input.byte();
      const offset = input.number();
      const target = input.number();
      const addend = WITH_ADDEND.has(kind) ? input.signed() : 0;
      return ADDRESSES.has(kind) ? { offset, target, addend } : undefined;
    }).filter(Boolean);
  };
  input.seek(8);
  while (input.at < bytes.length) {
    const id = input.byte();
    const size = input.number();
    const start = input.at;
    if (id === 0) custom[input.text()]?.(start + size);
    else sections[id]?.(start);
    input.seek(start + size);
  }
  return module;
}

/** The last element of `sorted` that begins at or before `offset`. */
function before(sorted, offset) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle].from <= offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Numbers in the body of a function that may be addresses. */
export function addresses(body) {
  const found = new Set();
  const root = tree(body);
  if (!root) {
    for (const number of binaryen.emitText(body).matchAll(/\d+/g)) found.add(Number(number[0]));
  } else {
    walk(root, ({ e, kind }) => {
      const type = binaryen.Expression.getType(e);
      if (kind === "Const" && type === binaryen.i32) found.add(binaryen.Const.getValueI32(e));
      else if (kind === "Const" && type === binaryen.i64) {
        // An address and a length may lie together in a longer number.
        const value = BigInt(binaryen.Const.getValueI64(e));
        found.add(Number(value & 0xffffffffn)).add(Number((value >> 32n) & 0xffffffffn));
      }
      else if (kind === "Load") found.add(binaryen.Load.getOffset(e));
      else if (kind === "Store") found.add(binaryen.Store.getOffset(e));
    });
  }
  return found;
}

/** Where in memory the module's data begins. */
export const dataStart = (path) => Math.min(...parse(readFileSync(path)).segments.map(({ address }) => address));

/**
 * Stretches of memory, `{ from, to }` in rising order, that code cannot get at which holds only the
 * addresses `held`. `path` is the module as the linker wrote it.
 */
export function lateData(path, held) {
  const module = parse(readFileSync(path));
  if (!module.relocations.code || !module.relocations.data) throw new Error("the linker did not say what refers to what");
  const statics = module.symbols.map((symbol) => symbol && {
    ...symbol,
    from: module.segments[symbol.segment].from + symbol.offset,
    address: module.segments[symbol.segment].address + symbol.offset,
  });
  const inOrder = statics.filter(Boolean).sort((a, b) => a.from - b.from || b.size - a.size);
  const marked = new Set();
  const open = [];
  const mark = (target) => {
    const one = statics[target];
    if (!one || marked.has(one)) return;
    marked.add(one);
    open.push(one);
  };
  const meant = new Map();
  for (const { target, addend } of module.relocations.code) {
    if (statics[target]) meant.set(statics[target].address + addend, [...(meant.get(statics[target].address + addend) ?? []), target]);
  }
  for (const address of held) {
    if (meant.has(address)) meant.get(address).forEach(mark);
    else {
      // The optimiser has reckoned with an address, or it is another number.
      for (const [target, one] of statics.entries()) {
        if (one && one.address - AROUND <= address && address <= one.address + one.size + AROUND) mark(target);
      }
    }
  }
  const inside = new Map();
  for (const { offset, target } of module.relocations.data) {
    const owner = inOrder[before(inOrder, offset)];
    if (!owner || offset >= owner.from + owner.size) mark(target);
    else inside.set(owner, [...(inside.get(owner) ?? []), target]);
  }
  // A static that begins where another one does, or reaches into it, goes with it.
  while (open.length > 0) {
    const one = open.pop();
    for (const target of inside.get(one) ?? []) mark(target);
    const near = before(inOrder, one.from + one.size - 1);
    for (let at = near; at >= 0 && inOrder[at].from + inOrder[at].size > one.from; at--) {
      const other = inOrder[at];
      if (other.size > 0 && !marked.has(other)) {
        marked.add(other);
        open.push(other);
      }
    }
  }
  const late = [];
  for (const one of inOrder) {
    const { name } = module.segments[one.segment];
    if (marked.has(one) || !name?.startsWith(".rodata")) continue;
    const last = late.at(-1);
    const [from, to] = [one.address, one.address + one.size];
    // Between two statics lies nothing but what aligns the second.
    if (last && from <= last.to + 8 && !inOrder.some((other) => marked.has(other) && other.address < from && other.address + other.size > last.to)) {
      last.to = Math.max(last.to, to);
    } else late.push({ from, to });
  }
  return late.filter(({ from, to }) => to - from >= SHORTEST);
}

/** The data of a module, parted by whether it lies in one of the stretches: `{ address, bytes }`. */
export function partData(path, stretches) {
  const [early, late] = [[], []];
  for (const { address, bytes } of parse(readFileSync(path)).segments) {
    let at = address;
    const end = address + bytes.length;
    const take = (to, list) => {
      if (to > at) list.push({ address: at, bytes: bytes.slice(at - address, to - address) });
      at = Math.max(at, to);
    };
    for (const { from, to } of stretches) {
      if (to <= at || from >= end) continue;
      take(from, early);
      take(Math.min(to, end), late);
    }
    take(end, early);
  }
  return { early, late };
}

/** A module without what tools noted beside it, but for the notes in `notes`. */
export function plain(bytes, notes) {
  const input = reader(bytes);
  const kept = [bytes.subarray(0, 8)];
  input.seek(8);
  while (input.at < bytes.length) {
    const from = input.at;
    const id = input.byte();
    const end = input.number() + input.at;
    if (id !== 0 || notes.includes(input.text())) kept.push(bytes.subarray(from, end));
    input.seek(end);
  }
  return Buffer.concat(kept);
}
