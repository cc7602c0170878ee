// Makes the WebAssembly of a release build small. Trunk runs it after every build; it does nothing
// in a debug build. wasm-opt comes with the npm packages: distributions' own are often too old.
import { spawnSync } from "node:child_process";
import { readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

// The features that the compiler uses and every current browser has.
const FEATURES = [
  "bulk-memory", "bulk-memory-opt", "call-indirect-overlong", "multivalue", "mutable-globals",
  "nontrapping-float-to-int", "reference-types", "sign-ext",
].map((feature) => `--enable-${feature}`);

const kb = (path) => `${(statSync(path).size / 1024).toFixed(0)} KB`;

/** Leaves the file as it was if wasm-opt fails: larger than it could be, but sound. */
function optimize(path, name) {
  const before = kb(path);
  const run = spawnSync("node", ["node_modules/binaryen/bin/wasm-opt", "-Oz", "--strip-debug", "--strip-producers", ...FEATURES, path, "-o", `${path}.small`], { stdio: ["ignore", "inherit", "pipe"] });
  if (run.status !== 0) {
    console.warn(`wasm-opt could not make ${name} smaller: ${String(run.stderr).trim().split("\n")[0]}`);
    rmSync(`${path}.small`, { force: true });
    return;
  }
  renameSync(`${path}.small`, path);
  console.log(`${name}: ${before} → ${kb(path)}`);
}

if (process.env.TRUNK_PROFILE === "release") {
  const folder = process.env.TRUNK_STAGING_DIR ?? process.env.TRUNK_DIST_DIR;
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".wasm"))) optimize(join(folder, name), name);
}
