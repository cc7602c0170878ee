// Takes those parts out of functions that a first view does not run, for scripts/split.mjs.
//
// Many a function runs only in part: the other arm of a condition is for text that has a mistake, a
// setting that is not there, a number that is too large. Each such part becomes a function of its own
// that takes the variables which it reads and gives back those which it changed, and says by a number
// where to go on. What was an arm is a call then, and what is called can come later.
import binaryen from "binaryen";
import { tree, walk } from "./tree.mjs";

const { Block, Break, Const, Expression, If, LocalGet, LocalSet, Loop, Return, Switch } = binaryen;
const LEAVES = new Set(["Break", "Switch", "Return"]);
/** Values that can go through a global. */
const PLAIN = new Map([[binaryen.i32, "i32"], [binaryen.i64, "i64"], [binaryen.f32, "f32"], [binaryen.f64, "f64"]]);
/** How many bytes a part must weigh beyond what calling it costs. */
const WORTH = 8;

/** Names of functions that were parts of others begin with this. */
export const COLD = "cold ";

/**
 * Places of a function that may not be run although the function is: behind something that may leave,
 * and the arms of conditions. Calls `list` with a block and the positions of such places in it, and
 * `arm` with a condition and the arm's name; always in the same order.
 */
function places(node, list, arm) {
  let leaves = LEAVES.has(node.kind);
  if (node.kind === "Block") {
    const starts = [];
    let left = false;
    for (const [at, child] of node.children.entries()) {
      if (left) starts.push(at);
      left = places(child, list, arm);
      leaves ||= left;
    }
    list(node, starts);
    return leaves;
  }
  for (const child of node.children) leaves = places(child, list, arm) || leaves;
  if (node.kind === "If") {
    arm(node, "IfTrue");
    if (node.children.length > 2) arm(node, "IfFalse");
  }
  return leaves;
}

/** How many marks the body of a function gets. */
export function marks(body) {
  let count = 1;
  const root = tree(body);
  if (root) places(root, (_, starts) => { count += starts.length; }, () => { count++; });
  return count;
}

/** Puts marks into the body of a function; `mark` makes one. Answers with the body. */
export function mark(module, body, mark) {
  const first = mark();
  const root = tree(body);
  if (root) places(root, ({ e }, starts) => {
    const marks = starts.map(() => mark());
    for (let at = starts.length - 1; at >= 0; at--) Block.insertChildAt(e, starts[at], marks[at]);
  }, ({ e }, name) => {
    const arm = If[`get${name}`](e);
    If[`set${name}`](e, module.block(null, [mark(), arm], Expression.getType(arm)));
  });
  return module.block(null, [first, body], binaryen.auto);
}

/**
 * The outermost stretches that were not run: `{ parent, from, to }` of a block, or `{ parent, arm }` of
 * a condition, both with all marks in them. The marks count from `mark`; those in `reached` were run.
 */
function cold(root, mark, reached) {
  const inBlock = new Map();
  const inArm = new Map();
  places(root, (node, starts) => inBlock.set(node, starts.map((at) => [at, mark++])),
    (node, arm) => inArm.set(node, { ...inArm.get(node), [arm]: mark++ }));
  const found = [];
  const marksIn = (node) => {
    const marks = [];
    walk(node, (node) => {
      for (const [, mark] of inBlock.get(node) ?? []) marks.push(mark);
      marks.push(...Object.values(inArm.get(node) ?? {}));
    });
    return marks;
  };
  const look = (node) => {
    if (node.kind === "If") {
      look(node.children[0]);
      for (const [at, arm] of ["IfTrue", "IfFalse"].entries()) {
        const child = node.children[at + 1];
        if (!child) continue;
        const mark = inArm.get(node)[arm];
        if (reached.has(mark)) look(child);
        else found.push({ parent: node, arm: at + 1, marks: [mark, ...marksIn(child)] });
      }
    } else if (node.kind === "Block") {
      const starts = new Map(inBlock.get(node));
      let run;
      for (const [at, child] of node.children.entries()) {
        const mark = starts.get(at);
        if (mark === undefined ? !run : reached.has(mark)) {
          run = undefined;
          look(child);
          continue;
        }
        if (!run) found.push(run = { parent: node, from: at, marks: [] });
        run.to = at + 1;
        run.marks.push(...(mark === undefined ? [] : [mark]), ...marksIn(child));
      }
    } else node.children.forEach(look);
  };
  look(root);
  return found;
}

/**
 * Which local variables are read later without being written first, as bits: `before(node, at)` of the
 * children of blocks, `around(node)` of conditions, `labels` by name.
 */
function liveness(root) {
  const labels = new Map();
  const blocks = new Map();
  const conditions = new Map();
  const go = (node, out) => {
    const { e, kind, children } = node;
    const back = (live) => children.reduceRight((live, child) => go(child, live), live);
    switch (kind) {
      case "Block": {
        if (Block.getName(e)) labels.set(Block.getName(e), out);
        const before = [];
        before[children.length] = out;
        for (let at = children.length - 1; at >= 0; at--) before[at] = go(children[at], before[at + 1]);
        blocks.set(node, before);
        return before[0];
      }
      case "Loop": {
        const name = Loop.getName(e);
        for (let head = 0n; ;) {
          if (name) labels.set(name, head);
          const again = go(children[0], out) | head;
          if (again === head || !name) return again;
          head = again;
        }
      }
      case "If": {
        const arms = children.slice(1).map((arm) => go(arm, out));
        if (arms.length < 2) arms.push(out);
        conditions.set(node, { out, arms });
        return go(children[0], arms[0] | arms[1]);
      }
      case "Break": {
        const there = labels.get(Break.getName(e));
        return back(Break.getCondition(e) ? there | out : there);
      }
      case "Switch": return back(targets(e).reduce((live, name) => live | labels.get(name), 0n));
      case "Return": return back(0n);
      case "Unreachable": return 0n;
      case "LocalSet": return back(out & ~(1n << BigInt(LocalSet.getIndex(e))));
      case "LocalGet": return out | (1n << BigInt(LocalGet.getIndex(e)));
      default: return back(out);
    }
  };
  go(root, 0n);
  return { labels, blocks, conditions };
}

const targets = (e) => [...Switch.getNames(e), Switch.getDefaultName(e)];

/** About how many bytes an expression takes. */
function weight(nodes) {
  let bytes = 0;
  const sizes = { Const: 3, LocalGet: 2, LocalSet: 2, Call: 3, CallIndirect: 3, Load: 3, Store: 3, Break: 2, Block: 3, Loop: 3, If: 3, GlobalGet: 2, GlobalSet: 2 };
  for (const node of nodes) walk(node, ({ kind, e }) => { bytes += (sizes[kind] ?? 1) + (kind === "Const" && Expression.getType(e) === binaryen.f64 ? 6 : 0); });
  return bytes;
}

const bits = (set) => {
  const found = [];
  for (let at = 0; set > 0n; at++, set >>= 1n) if (set & 1n) found.push(at);
  return found;
};

/** What a stretch does to its function: variables, and the ways out of it. */
function effects(nodes) {
  let [used, written] = [0n, 0n];
  const inside = new Set();
  const exits = new Map();
  const returns = [];
  const exit = (name, type) => exits.set(name, Math.max(exits.get(name) ?? binaryen.none, type));
  for (const node of nodes) walk(node, ({ e, kind, put }) => {
    if (kind === "LocalGet") used |= 1n << BigInt(LocalGet.getIndex(e));
    else if (kind === "LocalSet") {
      used |= 1n << BigInt(LocalSet.getIndex(e));
      written |= 1n << BigInt(LocalSet.getIndex(e));
    } else if (kind === "Block" && Block.getName(e)) inside.add(Block.getName(e));
    else if (kind === "Loop" && Loop.getName(e)) inside.add(Loop.getName(e));
    else if (kind === "Break") exit(Break.getName(e), Break.getValue(e) ? Expression.getType(Break.getValue(e)) : binaryen.none);
    else if (kind === "Switch") for (const name of targets(e)) exit(name, Switch.getValue(e) ? Expression.getType(Switch.getValue(e)) : binaryen.none);
    else if (kind === "Return") returns.push({ e, put });
  });
  for (const name of inside) exits.delete(name);
  return { used, written, exits, returns };
}

/** Takes cold parts out of the functions of a module. */
export class Outliner {
  constructor(module) {
    this.module = module;
    /** The marks in each part and the function that it is of, by the part's name. */
    this.parts = new Map();
    this.spills = new Set();
  }

  /** A global that carries a value of this type out of a part. */
  spill(type, at) {
    const name = `spill ${PLAIN.get(type)} ${at}`;
    const kind = this.module[PLAIN.get(type)];
    if (!this.spills.has(name)) {
      this.spills.add(name);
      this.module.addGlobal(name, type, true, type === binaryen.i64 ? kind.const(0n) : kind.const(0));
    }
    return { get: () => this.module.global.get(name, type), set: (value) => this.module.global.set(name, value) };
  }

  /** Takes out of a function, whose marks inside count from `mark`, what was not reached. */
  function(info, mark, reached) {
    const root = tree(info.body);
    if (!root) return;
    const stretches = cold(root, mark, reached);
    if (stretches.length === 0) return;
    const live = liveness(root);
    const params = binaryen.expandType(info.params).length;
    const types = [...binaryen.expandType(info.params), ...info.vars];
    const before = types.length;
    // From behind, so that positions in blocks stay what they are.
    for (const stretch of stretches.reverse()) this.stretch(info, types, live, stretch);
    if (types.length === before) return;
    this.module.removeFunction(info.name);
    this.module.addFunction(info.name, info.params, info.results, types.slice(params), info.body);
  }

  stretch(info, types, live, { parent, arm, from, to, marks }) {
    const { module } = this;
    const nodes = arm ? [parent.children[arm]] : parent.children.slice(from, to);
    const found = arm
      ? { in: live.conditions.get(parent).arms[arm - 1], out: live.conditions.get(parent).out }
      : { in: live.blocks.get(parent)[from], out: live.blocks.get(parent)[to] };
    const { used, written, exits, returns } = effects(nodes);
    const last = Expression.getType(nodes.at(-1).e);
    // In the order of their numbers: going on behind the stretch is the last of the ways out.
    const ways = [...exits].map(([name, type]) => ({ name, type, live: live.labels.get(name) }));
    if (returns.length > 0) ways.push({ returns: true, type: info.results, live: 0n });
    if (last !== binaryen.unreachable) ways.push({ type: last, live: found.out });
    const takes = bits(found.in & used);
    const gives = bits(ways.reduce((all, way) => all | way.live, 0n) & written);
    const carried = [...gives.map((at) => types[at]), ...ways.map(({ type }) => type).filter((type) => type !== binaryen.none)];
    if (carried.some((type) => !PLAIN.has(type)) || ways.some(({ live }) => live === undefined)) return;
    const cost = 10 + 2 * takes.length + 4 * gives.length + 4 * Math.max(0, ways.length - 1);
    if (weight(nodes) < cost + WORTH) return;
    const valued = ways.filter(({ type }) => type !== binaryen.none);
    for (const [at, way] of valued.entries()) way.slot = this.spill(way.type, gives.length + at);
    const slots = gives.map((local, at) => ({ local, type: types[local], slot: this.spill(types[local], at) }));

    // The part as a function.
    const variables = [...takes, ...bits(used).filter((at) => !takes.includes(at))];
    const place = new Map(variables.map((at, index) => [at, index]));
    const only = ways.length === 1 ? ways[0] : undefined;
    let direct;
    if (only?.slot) direct = only.type;
    else if (only && slots.length > 0) direct = slots[0].type;
    const results = direct ?? (ways.length > 1 ? binaryen.i32 : binaryen.none);
    const name = `${COLD}${this.parts.size}`;
    this.parts.set(name, { marks, of: info.name });
    const RETURN = "return from the whole";
    for (const node of nodes) walk(node, ({ e, kind }) => {
      const kinds = { LocalGet, LocalSet };
      if (kinds[kind]) kinds[kind].setIndex(e, place.get(kinds[kind].getIndex(e)));
    });
    const moved = nodes.map(({ e }) => e);
    for (const { e, put } of returns) {
      const other = module.br(RETURN, undefined, Return.getValue(e) || undefined);
      const at = moved.indexOf(e);
      if (at >= 0) moved[at] = other;
      else put(other);
    }
    const inside = (at) => module.local.get(place.get(at), types[at]);
    const leave = (way, value) => {
      const body = [];
      const both = only?.slot ? slots : direct ? slots.slice(1) : slots;
      if (only?.slot) {
        // The value is the result; it is computed before variables are read.
        const local = variables.length;
        body.push(module.local.set(local, value));
        for (const { local, slot } of both) body.push(slot.set(inside(local)));
        body.push(module.return(module.local.get(local, way.type)));
        return body;
      }
      if (way.slot) body.push(way.slot.set(value));
      else if (value) body.push(value);
      for (const { local, slot } of both) body.push(slot.set(inside(local)));
      if (direct) body.push(module.return(inside(slots[0].local)));
      else body.push(module.return(ways.length > 1 ? module.i32.const(ways.indexOf(way)) : undefined));
      return body;
    };
    const go = ways.find((way) => !way.name && !way.returns);
    let body;
    if (go?.slot) body = module.block(null, [...moved.slice(0, -1), ...leave(go, moved.at(-1))]);
    else body = module.block(null, go ? [...moved, ...leave(go)] : moved);
    for (const way of ways) {
      if (way === go) continue;
      const inner = module.block(way.name ?? RETURN, [body], way.type);
      body = module.block(null, leave(way, inner));
    }
    const vars = variables.slice(takes.length).map((at) => types[at]);
    if (only?.slot) vars.push(only.type);
    module.addFunction(name, binaryen.createType(takes.map((at) => types[at])), results, vars, body);

    // The call in its place.
    const call = module.call(name, takes.map((at) => module.local.get(at, types[at])), results);
    const rest = slots.map(({ local, slot }) => module.local.set(local, slot.get()));
    const instead = [];
    const leaving = (way, value) => way.name ? module.br(way.name, undefined, value) : way.returns ? module.return(value) : value;
    if (ways.length === 0) instead.push(call, module.unreachable());
    else if (only) {
      if (only.slot && slots.length === 0) instead.push(leaving(only, call));
      else if (only.slot) {
        const local = this.local(types, only.type);
        instead.push(module.local.set(local, call), ...rest, leaving(only, module.local.get(local, only.type)));
      } else {
        if (direct) instead.push(module.local.set(slots[0].local, call), ...rest.slice(1));
        else instead.push(call);
        if (leaving(only)) instead.push(leaving(only));
      }
    } else {
      const local = this.local(types, binaryen.i32);
      instead.push(module.local.set(local, call), ...rest);
      for (const [at, way] of ways.entries()) {
        const value = way.slot?.get();
        if (at === ways.length - 1) {
          if (leaving(way, value)) instead.push(leaving(way, value));
        } else {
          const code = module.local.get(local, binaryen.i32);
          const here = at === 0 ? module.i32.eqz(code) : module.i32.eq(code, module.i32.const(at));
          instead.push(module.if(here, leaving(way, value)));
        }
      }
    }
    if (arm) {
      const type = Expression.getType(nodes[0].e);
      const names = [, "IfTrue", "IfFalse"];
      If[`set${names[arm]}`](parent.e, module.block(null, instead, PLAIN.has(type) ? type : binaryen.auto));
      return;
    }
    for (let at = to - 1; at >= from; at--) Block.removeChildAt(parent.e, at);
    for (const [at, e] of instead.entries()) Block.insertChildAt(parent.e, from + at, e);
  }

  /** A new local variable of the function that a part was taken out of. */
  local(types, type) {
    types.push(type);
    return types.length - 1;
  }
}
