// Runs the keystroke's benchmark in WebAssembly: node.mjs MODULE [CASE].
import { readFile } from "node:fs/promises";

const CASES = ["prometheus.yml, static targets", "prometheus.yml, discovery", "manifests", "prometheus.yml in a ConfigMap"];
const [module, only] = process.argv.slice(2);
const bytes = await readFile(module);
for (const [number, name] of CASES.entries()) {
  if (only !== undefined && Number(only) !== number) continue;
  for (const lines of [1_000, 10_000]) {
    for (const [page, pageName] of ["Explain", "Targets"].entries()) {
      for (const [place, placeName] of ["a comment", "a value"].entries()) {
        const { instance } = await WebAssembly.instantiate(bytes, {});
        const { prepare, request, handle } = instance.exports;
        const written = prepare(number, lines, place, page);
        const taken = [];
        let sent = 0;
        let received = 0;
        for (let key = 0; key < 15; key += 1) {
          sent = request();
          const start = performance.now();
          received = handle();
          taken.push(performance.now() - start);
        }
        taken.sort((a, b) => a - b);
        console.log(`wasm    ${name}, ${written} lines, ${placeName}, ${pageName}: ${taken[0].toFixed(1)}, ${taken[7].toFixed(1)}; ${sent} → ${received}`);
      }
    }
  }
}

/** The fastest, the middle and the slowest of some times. */
function summary(taken) {
  const sorted = taken.toSorted((a, b) => a - b);
  return [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)].map((time) => time.toFixed(2)).join(", ");
}

function timed(act) {
  const start = performance.now();
  act();
  return performance.now() - start;
}

if (only === undefined || only === "stack") {
  const { instance } = await WebAssembly.instantiate(bytes, {});
  const { stack_prepare, stack_edit, stack_apply, prepare_stack, request, handle } = instance.exports;
  const fresh = [];
  let lines = 0;
  for (let run = 0; run < 20; run += 1) {
    lines = stack_prepare();
    fresh.push(timed(stack_apply));
  }
  const edits = [];
  for (let file = 0, count = 1; file < count; file += 1) {
    count = stack_edit(file);
    edits.push(timed(stack_apply));
  }
  console.log(`wasm    apply ${edits.length} files, ${lines} lines: afresh ${summary(fresh)}; an edit of each file ${summary(edits)}`);
  prepare_stack(Math.floor(edits.length / 2));
  const keys = [];
  for (let key = 0; key < 15; key += 1) {
    request();
    keys.push(timed(handle));
  }
  console.log(`wasm    a keystroke in one of them, Targets: ${summary(keys)}`);
}
