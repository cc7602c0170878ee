// Divides a module of WebAssembly in two: what the first view needs, and a file of the rest, which is
// fetched when a function of it is first called.
//
// Which functions the first view needs is found out by playing it: the module is built once with a
// mark for each function, the caller runs that (see scripts/play.mjs), and the marks are read.
//
// A function that went away leaves a few bytes in its place that fetch the rest where that has not
// happened yet and go on through a table; in the other direction the rest imports what it needs.
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import binaryen from "binaryen";
import { lateData, partData } from "./data.mjs";

/** A function with a smaller body would hardly win anything by leaving. */
const SMALLEST = 24;

/** Names of the marks begin with this. */
export const MARK = "mark ";

const FEATURES = ["BulkMemory", "BulkMemoryOpt", "CallIndirectOverlong", "Multivalue", "MutableGlobals",
  "NontrappingFPToInt", "ReferenceTypes", "SignExt"].reduce((all, name) => all | (binaryen.Features[name] ?? 0), 0);

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

/** The same module with a global for each function that becomes 1 when the function is called. */
function marked(path) {
  const module = read(path);
  for (const [index, { name, body }] of functions(module).entries()) {
    const mark = `${MARK}${index}`;
    module.addGlobal(mark, binaryen.i32, true, module.i32.const(0));
    module.addGlobalExport(mark, mark);
    const whole = module.block(null, [module.global.set(mark, module.i32.const(1)), body], binaryen.auto);
    binaryen.Function(module.getFunction(name)).setBody(whole);
  }
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}

/** Gives the memory of a module other data; answers with the memory's name inside. */
function setData(module, data) {
  const exported = all(module.getNumExports(), (index) => binaryen.getExportInfo(module.getExportByIndex(index)));
  const memory = exported.find(({ kind }) => kind === binaryen.ExternalKinds.Memory).value;
  const { initial, max } = module.getMemoryInfo(memory);
  const segments = data.map(({ address, bytes }) => ({ offset: module.i32.const(address), data: bytes }));
  module.setMemory(initial, max ?? -1, null, segments, false, false, memory);
  return memory;
}

/** What is first needed: everything but `leaving`, whose places go to the table of the rest. */
function firstPart(path, leaving, data, shared) {
  const module = read(path);
  setData(module, data);
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
    module.removeFunction(name);
    module.addFunction(name, params, results, [], module.block(null, [module.call("need rest", [], binaryen.none), go], results));
  }
  shared(module);
  module.runPasses(["remove-unused-module-elements", "reorder-functions"]);
  return module;
}

/** The rest: `leaving`, with everything else imported from the first part. */
function restPart(path, leaving, data) {
  const module = read(path);
  const memory = setData(module, data);
  const left = new Set(leaving.map(({ name }) => name));
  for (const { name } of all(module.getNumExports(), (index) => binaryen.getExportInfo(module.getExportByIndex(index)))) {
    module.removeExport(name);
  }
  const elements = all(module.getNumElementSegments(), (index) => binaryen.getElementSegmentInfo(module.getElementSegmentByIndex(index)));
  for (const { name } of elements) module.removeElementSegment(name);
  const everything = all(module.getNumFunctions(), (index) => binaryen.getFunctionInfo(module.getFunctionByIndex(index)));
  for (const [index, info] of everything.entries()) {
    if (left.has(info.name)) continue;
    module.removeFunction(info.name);
    module.addFunctionImport(info.name, "first", `f${index.toString(36)}`, info.params, info.results);
  }
  const globals = all(module.getNumGlobals(), (index) => binaryen.getGlobalInfo(module.getGlobalByIndex(index)));
  for (const [index, info] of globals.entries()) {
    if (!info.mutable) continue;
    module.removeGlobal(info.name);
    module.addGlobalImport(info.name, "first", `g${index.toString(36)}`, info.type, true);
  }
  const tables = all(module.getNumTables(), (index) => binaryen.getTableInfo(module.getTableByIndex(index)));
  for (const [index, { name }] of tables.entries()) module.addTableImport(name, "first", `t${index}`);
  module.addMemoryImport(memory, "first", "memory");
  module.addTable("rest table", leaving.length, leaving.length, binaryen.funcref);
  module.addTableImport("rest table", "first", "rest");
  module.addActiveElementSegment("rest table", "rest elements", leaving.map(({ name }) => name), module.i32.const(0));
  module.runPasses(["remove-unused-module-elements", "reorder-functions"]);
  return { module, tables };
}

/**
 * Divides `path`, whose glue is `glue`; answers with the path of the rest. `linked` is the module as
 * the linker wrote it. `play` gets the module with marks and answers with the names of the marks that
 * are 1 when the first view is complete.
 */
export async function split(path, glue, linked, play) {
  const bodies = sizes(path);
  const needed = new Set((await play(marked(path))).map((name) => Number(name.slice(MARK.length))));
  if (needed.size === 0) throw new Error("nothing was called");
  const whole = read(path);
  const leaving = functions(whole).filter((_, index) => !needed.has(index) && bodies[index] >= SMALLEST);
  whole.dispose();
  const stretches = lateData(linked, new Set(leaving.map(({ name }) => name)));
  const { early, late } = partData(path, stretches);
  const weight = late.reduce((sum, { bytes }) => sum + bytes.length, 0);
  console.log(`${basename(path)}: the first view calls ${needed.size} of ${bodies.length} functions and does without ${(weight / 1024).toFixed(0)} KB of constants`);

  const { module: rest, tables } = restPart(path, leaving, late);
  const wanted = [];
  for (const one of ["Function", "Global"]) {
    for (const info of all(rest[`getNum${one}s`](), (index) => binaryen[`get${one}Info`](rest[`get${one}ByIndex`](index)))) {
      if (info.module) wanted.push({ one, ...info });
    }
  }
  const first = firstPart(path, leaving, early, (module) => {
    for (const { one, name, base } of wanted) module[`add${one}Export`](name, base);
    for (const [index, { name }] of tables.entries()) module.addTableExport(name, `t${index}`);
  });
  const beside = path.replace(/_bg\.wasm$/, "_rest.wasm");
  const text = taught(readFileSync(glue, "utf8"), basename(beside));
  writeFileSync(path, first.emitBinary());
  writeFileSync(beside, rest.emitBinary());
  writeFileSync(glue, text);
  first.dispose();
  rest.dispose();
  return beside;
}

/** The glue, which now hands the first part the function that fetches the rest. */
function taught(glue, name) {
  const before = "function __wbg_get_imports() {";
  const inside = /\n    return \{\n        __proto__: null,\n/;
  if (!glue.includes(before) || !inside.test(glue)) throw new Error("the glue has another shape than expected");
  const loader = readFileSync(new URL("rest.js", import.meta.url), "utf8").replaceAll("NAME", name);
  return glue
    .replace(inside, (found) => `${found}        rest: { fetch: fetchRest },\n`)
    .replace(before, `${loader}\n${before}`);
}
