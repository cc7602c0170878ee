// Expressions of a function as a tree, over Binaryen's handles: what stands inside what, in the order
// in which it is evaluated, and how to put something else in its place.
import binaryen from "binaryen";

/** What the compiler uses and every current browser has. */
export const FEATURES = ["BulkMemory", "BulkMemoryOpt", "CallIndirectOverlong", "Multivalue", "MutableGlobals",
  "NontrappingFPToInt", "ReferenceTypes", "SignExt"].reduce((all, name) => all | (binaryen.Features[name] ?? 0), 0);

const all = (count, get) => Array.from({ length: count }, (_, index) => get(index));

/** Children that have names: `Condition`, `Value`, …; those that are not there are left out. */
const named = (kind, ...names) => (e) => names.flatMap((name) => {
  const child = kind[`get${name}`](e);
  return child ? [[child, (other) => kind[`set${name}`](e, other)]] : [];
});
const operands = (kind, ...names) => (e) => [
  ...all(kind.getNumOperands(e), (at) => [kind.getOperandAt(e, at), (other) => kind.setOperandAt(e, at, other)]),
  ...named(kind, ...names)(e),
];

const KINDS = {
  Block: (e) => all(binaryen.Block.getNumChildren(e), (at) => [binaryen.Block.getChildAt(e, at), (other) => binaryen.Block.setChildAt(e, at, other)]),
  If: named(binaryen.If, "Condition", "IfTrue", "IfFalse"),
  Loop: named(binaryen.Loop, "Body"),
  Break: named(binaryen.Break, "Value", "Condition"),
  Switch: named(binaryen.Switch, "Value", "Condition"),
  Call: operands(binaryen.Call),
  CallIndirect: operands(binaryen.CallIndirect, "Target"),
  LocalSet: named(binaryen.LocalSet, "Value"),
  GlobalSet: named(binaryen.GlobalSet, "Value"),
  Load: named(binaryen.Load, "Ptr"),
  Store: named(binaryen.Store, "Ptr", "Value"),
  Unary: named(binaryen.Unary, "Value"),
  Binary: named(binaryen.Binary, "Left", "Right"),
  Select: named(binaryen.Select, "IfTrue", "IfFalse", "Condition"),
  Drop: named(binaryen.Drop, "Value"),
  Return: named(binaryen.Return, "Value"),
  MemoryGrow: named(binaryen.MemoryGrow, "Delta"),
  MemoryCopy: named(binaryen.MemoryCopy, "Dest", "Source", "Size"),
  MemoryFill: named(binaryen.MemoryFill, "Dest", "Value", "Size"),
  TableGet: named(binaryen.TableGet, "Index"),
  TableSet: named(binaryen.TableSet, "Index", "Value"),
  TableGrow: named(binaryen.TableGrow, "Value", "Delta"),
  RefIsNull: named(binaryen.RefIsNull, "Value"),
};
const LEAVES = ["LocalGet", "GlobalGet", "Const", "Nop", "Unreachable", "MemorySize", "RefNull", "TableSize", "RefFunc"];

const kinds = new Map([
  ...Object.entries(KINDS).map(([name, children]) => [binaryen[`${name}Id`], { name, children }]),
  ...LEAVES.map((name) => [binaryen[`${name}Id`], { name, children: () => [] }]),
]);

/**
 * `{ e, kind, children }` of an expression; `put` replaces it where it stands. Undefined where
 * something is in it that Binaryen's JavaScript cannot take apart, such as `table.fill`.
 */
export function tree(e, put) {
  const kind = kinds.get(binaryen.Expression.getId(e));
  if (!kind) return undefined;
  const children = [];
  for (const [child, put] of kind.children(e)) {
    const node = tree(child, put);
    if (!node) return undefined;
    children.push(node);
  }
  return { e, put, kind: kind.name, children };
}

/** Visits a tree, each node after its children. */
export function walk(node, visit) {
  for (const child of node.children) walk(child, visit);
  visit(node);
}
