// Divides a module of WebAssembly in two: what the first view needs, and a file of the rest, which is
// fetched when a part of it is first called.
//
// What the first view needs is found out by playing it: the module is built once with marks in all
// its functions and their arms, the caller runs that (see scripts/play.mjs), and the marks are read.
// Functions that were not called leave, and the parts of others that were not reached (see cold.mjs).
//
// A function that went away leaves a few bytes in its place that fetch the rest where that has not
// happened yet and go on through a table; in the other direction the rest imports what it needs.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import binaryen from "binaryen";
import { transform } from "esbuild";
import { Outliner, mark, marks } from "./cold.mjs";
import { addresses, dataStart, lateData, partData } from "./data.mjs";
import { FEATURES } from "./tree.mjs";

/** A function with a smaller body would hardly win anything by leaving, unless it is the way to data. */
const SMALLEST = 24;

/** Numbers are written in more ways than those that happen to be played need. */
const NUMBERS = /3num7flt2dec|3num6imp7flt2dec|4core3fmt5float/;

/** What of these runs hangs on the order in which things happen to come: they stay in one piece. */
const ORDER = /^_ZN(5alloc|9hashbrown|8dlmalloc|3yew9scheduler|20wasm_bindgen_futures)/;

/** How often a module is divided again, at most. */
const ROUNDS = 8;

/** Names of the marks begin with this. */
export const MARK = "mark ";

function read(path) {
  const module = binaryen.readBinary(readFileSync(path));
  module.setFeatures(FEATURES);
  return module;
}

const all = (count, get) => Array.from({ length: count }, (_, index) => get(index));

/** Functions that the module has itself, in their order. */
function functions(module) {
  return all(module.getNumFunctions(), (index) => binaryen.getFunctionInfo(module.getFunctionByIndex(index)))
    .filter((info) => !info.module);
}

/** Sizes of the functions in the file, in their order. */
function sizes(path) {
  const bytes = readFileSync(path);
  let at = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const section = bytes[at++];
    const length = number();
    if (section !== 10) {
      at += length;
      continue;
    }
    return all(number(), () => {
      const size = number();
      at += size;
      return size;
    });
  }
  return [];
}

/** Adds a global to a module; answers with what makes it 1. */
function addMark(module, number) {
  const name = `${MARK}${number}`;
  module.addGlobal(name, binaryen.i32, true, module.i32.const(0));
  module.addGlobalExport(name, name);
  return module.global.set(name, module.i32.const(1));
}

/** The same module with globals that become 1 when a function or an arm of it is reached. */
function marked(path) {
  const module = read(path);
  let count = 0;
  const one = () => addMark(module, count++);
  for (const { name, body } of functions(module)) {
    binaryen.Function(module.getFunction(name)).setBody(mark(module, body, one));
  }
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}

/** Gives the functions that the module imports short names; answers with the old ones and the new ones. */
function shortNames(module) {
  const imports = all(module.getNumFunctions(), (index) => binaryen.getFunctionInfo(module.getFunctionByIndex(index)))
    .filter((info) => info.module);
  return imports.map(({ name, module: from, base, params, results }, index) => {
    module.removeFunction(name);
    module.addFunctionImport(name, from, `i${index}`, params, results);
    return [base, `i${index}`];
  });
}

/**
 * Writes the module to `to` with what was not reached in functions of its own; says what was not
 * called, by its name, with the marks that are in it. `ordered` is whether things come in the same
 * order each time.
 */
function outlined(path, reached, to, ordered) {
  const module = read(path);
  const outliner = new Outliner(module);
  const idle = new Map();
  let at = 0;
  for (const info of functions(module)) {
    const count = marks(info.body);
    const stays = NUMBERS.test(info.name) || (!ordered && reached.has(at) && ORDER.test(info.name));
    if (reached.has(at) && !stays) outliner.function(info, at + 1, reached);
    else if (!stays) idle.set(info.name, { marks: all(count, (index) => at + index), of: info.name });
    at += count;
  }
  const imports = shortNames(module);
  binaryen.setDebugInfo(true);
  writeFileSync(to, module.emitBinary());
  binaryen.setDebugInfo(false);
  module.dispose();
  return { idle, imports, parts: outliner.parts };
}

/** The name of the module's memory inside. */
function memoryOf(module) {
  return all(module.getNumExports(), (index) => binaryen.getExportInfo(module.getExportByIndex(index)))
    .find(({ kind }) => kind === binaryen.ExternalKinds.Memory).value;
}

/** Gives the memory of a module other data. */
function setData(module, memory, data) {
  const { initial, max } = module.getMemoryInfo(memory);
  const segments = data.map(({ address, bytes }) => ({ offset: module.i32.const(address), data: bytes }));
  module.setMemory(initial, max ?? -1, null, segments, false, false, memory);
}

/** What makes a part small after another one was taken out of it. */
function tidy(module) {
  binaryen.setOptimizeLevel(2);
  binaryen.setShrinkLevel(2);
  binaryen.setOneCallerInlineMaxSize(10_000);
  module.optimize();
}

/**
 * What is first needed: everything but `leaving`, whose places go to the table of the rest. With
 * `doors` these places have marks too.
 */
function firstPart(path, leaving, shared, globals, doors) {
  const module = read(path);
  module.addFunctionImport("fetch rest", "rest", "fetch", binaryen.none, binaryen.none);
  module.addGlobal("rest here", binaryen.i32, true, module.i32.const(0));
  const missing = module.i32.eqz(module.global.get("rest here", binaryen.i32));
  const fetch = [module.global.set("rest here", module.i32.const(1)), module.call("fetch rest", [], binaryen.none)];
  module.addFunction("need rest", binaryen.none, binaryen.none, [], module.if(missing, module.block(null, fetch)));
  module.addTable("rest table", leaving.length, leaving.length, binaryen.funcref);
  module.addTableExport("rest table", "rest");
  for (const [slot, { name, params, results }] of leaving.entries()) {
    const operands = binaryen.expandType(params).map((type, index) => module.local.get(index, type));
    const go = module.call_indirect("rest table", module.i32.const(slot), operands, params, results);
    const before = doors ? [addMark(module, slot)] : [];
    module.removeFunction(name);
    module.addFunction(name, params, results, [], module.block(null, [...before, module.call("need rest", [], binaryen.none), go], results));
  }
  module.addTable("shared table", shared.length, shared.length, binaryen.funcref);
  module.addActiveElementSegment("shared table", "shared elements", shared, module.i32.const(0));
  module.addTableExport("shared table", "shared");
  for (const { name, base } of globals) module.addGlobalExport(name, base);
  for (const [index, { name }] of tables(module).entries()) module.addTableExport(name, `t${index}`);
  tidy(module);
  return module;
}

const tables = (module) => all(module.getNumTables(), (index) => binaryen.getTableInfo(module.getTableByIndex(index)))
  .filter(({ name }) => !["rest table", "shared table"].includes(name));

/**
 * The rest: `leaving`, with everything else imported: from the first part what lies there, its
 * functions by their place in `shared`, and from the page what the whole module imported.
 */
function restPart(path, leaving) {
  const module = read(path);
  const left = new Set(leaving.map(({ name }) => name));
  for (const { name } of all(module.getNumExports(), (index) => binaryen.getExportInfo(module.getExportByIndex(index)))) {
    module.removeExport(name);
  }
  const elements = all(module.getNumElementSegments(), (index) => binaryen.getElementSegmentInfo(module.getElementSegmentByIndex(index)));
  for (const { name } of elements) module.removeElementSegment(name);
  for (const info of functions(module)) {
    if (left.has(info.name)) continue;
    module.removeFunction(info.name);
    module.addFunctionImport(info.name, "first", info.name, info.params, info.results);
  }
  const globals = all(module.getNumGlobals(), (index) => binaryen.getGlobalInfo(module.getGlobalByIndex(index)))
    .filter(({ mutable }) => mutable);
  for (const [index, info] of globals.entries()) {
    module.removeGlobal(info.name);
    module.addGlobalImport(info.name, "first", `g${index.toString(36)}`, info.type, true);
  }
  for (const [index, { name }] of tables(module).entries()) module.addTableImport(name, "first", `t${index}`);
  module.addTable("rest table", leaving.length, leaving.length, binaryen.funcref);
  module.addTableImport("rest table", "first", "rest");
  module.addActiveElementSegment("rest table", "rest elements", leaving.map(({ name }) => name), module.i32.const(0));
  module.runPasses(["vacuum", "simplify-locals", "coalesce-locals", "reorder-locals", "remove-unused-module-elements", "reorder-functions"]);
  const imported = (kind) => all(module[`getNum${kind}s`](), (index) => binaryen[`get${kind}Info`](module[`get${kind}ByIndex`](index)))
    .filter((info) => info.module === "first");
  const shared = imported("Function");
  for (const [index, { name, params, results }] of shared.entries()) {
    module.removeFunction(name);
    module.addFunctionImport(name, "first", String(index), params, results);
  }
  return { module, shared: shared.map(({ name }) => name), globals: imported("Global") };
}

/** Both parts of a module and its glue, as bytes; `leaving` is what went away, with the marks in it. */
async function divide(path, glue, linked, reached, { ordered, doors }) {
  const parted = `${path}.parted`;
  try {
    const { idle, imports, parts } = outlined(path, reached, parted, ordered);
    const bodies = sizes(parted);
    const whole = read(parted);
    const start = dataStart(linked);
    const leads = (body) => [...addresses(body)].some((address) => address >= start);
    const leaving = functions(whole)
      .filter(({ name, body }, index) => parts.has(name) || (idle.has(name) && (bodies[index] >= SMALLEST || leads(body))))
      .map((info) => ({ ...info, ...(parts.get(info.name) ?? idle.get(info.name)) }));
    const memory = memoryOf(whole);
    whole.dispose();
    const { module: rest, shared, globals } = restPart(parted, leaving);
    const first = firstPart(parted, leaving, shared, globals, doors);
    const held = new Set(functions(first).flatMap(({ body }) => [...addresses(body)]));
    const { early, late } = partData(path, lateData(linked, held));
    setData(first, memory, early);
    setData(rest, memory, late);
    rest.addMemoryImport(memory, "first", "memory");
    const beside = path.replace(/_bg\.wasm$/, "_rest.wasm");
    const text = await taught(readFileSync(glue, "utf8"), basename(beside), imports);
    const files = new Map([[path, first.emitBinary()], [beside, rest.emitBinary()], [glue, text]]);
    first.dispose();
    rest.dispose();
    const weight = late.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const without = `${idle.size} of ${bodies.length - parts.size} functions, ${parts.size} parts of others, ` +
      `and ${(weight / 1024).toFixed(0)} KB of constants`;
    return { files, leaving, without };
  } finally {
    rmSync(parted, { force: true });
  }
}

/**
 * Divides `path`, whose glue is `glue`; where that fails all files stay as they were. `linked` is the
 * module as the linker wrote it. The `player` runs the first view on files that stand in for those
 * that are there: `play` answers with the names of the marks that are 1 when the view is complete,
 * `check` throws where a divided module, without its rest, shows something else. A player that sees
 * things come in another order each time has `again` too.
 *
 * There one playing does not reach all. So the divided module is played with marks at the doors to the
 * rest: what lies behind a door that was opened belongs to the first view, and the module is divided
 * again until none is.
 */
export async function split(path, glue, linked, player) {
  const numbers = (names) => names.map((name) => Number(name.slice(MARK.length)));
  const reached = new Set(numbers(await player.play(new Map([[path, marked(path)]]))));
  if (reached.size === 0) throw new Error("nothing was called");
  for (let round = 1; ; round++) {
    if (player.again) {
      const { files, leaving } = await divide(path, glue, linked, reached, { doors: true });
      const opened = numbers(await player.again(files)).map((slot) => leaving[slot]);
      for (const mark of opened.flatMap(({ marks }) => marks)) reached.add(mark);
      if (opened.length > 0) console.log(`${basename(path)}: needed at first as well: ${opened.map(({ of }) => of).join(", ")}`);
      if (opened.length > 0 && round < ROUNDS) continue;
    }
    const { files, without } = await divide(path, glue, linked, reached, { ordered: !player.again });
    try {
      await player.check(files);
    } catch (error) {
      if (!player.again || round >= ROUNDS) throw error;
      continue;
    }
    for (const [path, bytes] of files) writeFileSync(path, bytes);
    console.log(`${basename(path)}: the first view does without ${without}`);
    return;
  }
}

/** The glue, which now hands the first part the function that fetches the rest, in few letters. */
async function taught(glue, name, imports) {
  const before = "function __wbg_get_imports() {";
  const inside = /\n    return \{\n        __proto__: null,\n/;
  if (!glue.includes(before) || !inside.test(glue)) throw new Error("the glue has another shape than expected");
  const short = new Map(imports);
  const renamed = new Set();
  const text = glue.replace(/^( {8})(\w+)(: function\()/gm, (whole, indent, name, rest) => {
    if (!short.has(name)) return whole;
    renamed.add(name);
    return `${indent}${short.get(name)}${rest}`;
  });
  if (renamed.size !== short.size) throw new Error("the glue does not name its functions as expected");
  const loader = readFileSync(new URL("rest.js", import.meta.url), "utf8").replaceAll("NAME", name);
  const whole = text
    .replace(inside, (found) => `${found}        rest: { fetch: fetchRest },\n`)
    .replace(before, `${loader}\n${before}`);
  return (await transform(whole, { format: "esm", minify: true, legalComments: "none" })).code;
}
