// Runs the simulation's benchmark in WebAssembly: node.mjs MODULE HOURS.
import { readFile } from "node:fs/promises";

const [module, hours] = process.argv.slice(2);
const { instance } = await WebAssembly.instantiate(await readFile(module), {});
const { prepare, slice, samples, series, bytes, memory } = instance.exports;
prepare();
const to = Number(hours) * 3_600_000;
const began = performance.now();
let slices = 0;
let longest = 0;
for (let more = 1; more; ) {
  const start = performance.now();
  more = slice(to);
  longest = Math.max(longest, performance.now() - start);
  slices += 1;
}
const taken = (performance.now() - began) / 1000;
const scraped = Number(hours) * 240 * series();
const mega = 1 << 20;
console.log(
  `wasm    ${(scraped / taken / 1e6).toFixed(1).padStart(6)} M samples a second, ${taken.toFixed(2).padStart(6)} s, ` +
    `${(bytes() / samples()).toFixed(2)} bytes a sample, ${(bytes() / mega).toFixed(0)} MB for ${(samples() / 1e6).toFixed(1)} M ` +
    `of ${(scraped / 1e6).toFixed(1)} M samples, ${(memory.buffer.byteLength / mega).toFixed(0)} MB of memory in all, ` +
    `${slices} slices of ${((taken * 1000) / slices).toFixed(1)} ms, the longest ${longest.toFixed(0)} ms`,
);
