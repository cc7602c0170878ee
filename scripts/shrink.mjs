// Optimizes the WebAssembly of a release build for size. wasm-opt comes with the npm packages, because the
// versions of distributions are often too old.
import { spawnSync } from "node:child_process";
import { readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** Features that the compiler uses and every current browser has. */
const FEATURES = [
  "bulk-memory", "bulk-memory-opt", "call-indirect-overlong", "multivalue", "mutable-globals",
  "nontrapping-float-to-int", "reference-types", "sign-ext",
].map((feature) => `--enable-${feature}`);

const kb = (path) => `${(statSync(path).size / 1024).toFixed(0)} KB`;

/** Optimizes a module. If wasm-opt fails, the file stays as it was. */
function optimize(path, name) {
  const before = kb(path);
  // Instances of one generic function are alike. By name they stand together, and compress 3 % better.
  const options = ["-Oz", "--reorder-functions-by-name", "--strip-debug", "--strip-producers", ...FEATURES];
  const run = spawnSync("node", ["node_modules/binaryen/bin/wasm-opt", ...options, path, "-o", `${path}.small`], { stdio: ["ignore", "inherit", "pipe"] });
  if (run.status !== 0) {
    console.warn(`wasm-opt failed for ${name}, which stays as it was: ${String(run.stderr).trim().split("\n")[0]}`);
    rmSync(`${path}.small`, { force: true });
    return;
  }
  renameSync(`${path}.small`, path);
  console.log(`${name}: ${before} → ${kb(path)}`);
}

/** Optimizes all modules in a folder. */
export function shrink(folder) {
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".wasm"))) optimize(join(folder, name), name);
}
