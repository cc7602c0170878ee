// Runs the keystroke's benchmark in WebAssembly: node.mjs MODULE [CASE].
import { readFile } from "node:fs/promises";
import { measureStack } from "./stack.mjs";

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

if (only === undefined || only === "stack") {
  const { instance } = await WebAssembly.instantiate(bytes, {});
  console.log(`wasm    ${measureStack(instance.exports, 40)}`);
  const { stack_edit, prepare_stack, request, handle } = instance.exports;
  prepare_stack(Math.floor(stack_edit(0) / 2));
  const keys = [];
  for (let key = 0; key < 15; key += 1) {
    request();
    const start = performance.now();
    handle();
    keys.push(performance.now() - start);
  }
  keys.sort((a, b) => a - b);
  console.log(`wasm    a keystroke in one of them, Targets: ${keys[0].toFixed(1)}, ${keys[7].toFixed(1)}`);
}
