// Makes the WebAssembly of a release build small. Trunk runs it after every build; it does nothing
// in a debug build. wasm-opt comes with the npm packages: distributions' own are often too old.
import { spawnSync } from "node:child_process";
import { readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

// What the compiler uses and every current browser has; all that wasm-opt knows is more than that.
const FEATURES = [
  "bulk-memory", "bulk-memory-opt", "call-indirect-overlong", "multivalue", "mutable-globals",
  "nontrapping-float-to-int", "reference-types", "sign-ext",
].map((feature) => `--enable-${feature}`);

if (process.env.TRUNK_PROFILE !== "release") process.exit(0);
const folder = process.env.TRUNK_STAGING_DIR ?? process.env.TRUNK_DIST_DIR;
for (const name of readdirSync(folder).filter((name) => name.endsWith(".wasm"))) {
  const path = join(folder, name);
  const before = statSync(path).size;
  const run = spawnSync("node", ["node_modules/binaryen/bin/wasm-opt", "-Oz", ...FEATURES, path, "-o", `${path}.small`], { stdio: ["ignore", "inherit", "pipe"] });
  if (run.status !== 0) {
    // The file stays as it was: larger than it could be, but sound.
    console.warn(`wasm-opt could not make ${name} smaller: ${String(run.stderr).trim().split("\n")[0]}`);
    rmSync(`${path}.small`, { force: true });
    continue;
  }
  renameSync(`${path}.small`, path);
  console.log(`${name}: ${(before / 1024).toFixed(0)} → ${(statSync(path).size / 1024).toFixed(0)} KB`);
}
