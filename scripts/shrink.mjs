// Makes the WebAssembly of a release build small. Trunk runs it after every build; it does nothing
// in a debug build, and says so where wasm-opt (binaryen) is not there.
import { spawnSync } from "node:child_process";
import { readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

if (process.env.TRUNK_PROFILE !== "release") process.exit(0);
const folder = process.env.TRUNK_STAGING_DIR ?? process.env.TRUNK_DIST_DIR;
for (const name of readdirSync(folder).filter((name) => name.endsWith(".wasm"))) {
  const path = join(folder, name);
  const before = statSync(path).size;
  const run = spawnSync("wasm-opt", ["-Oz", "--all-features", path, "-o", `${path}.small`], { stdio: ["ignore", "inherit", "pipe"] });
  if (run.error) {
    console.warn("wasm-opt is not there (apt install binaryen): the build works, but is larger than it could be.");
    break;
  }
  if (run.status !== 0) {
    // An old wasm-opt does not know what the compiler writes; the file stays as it was.
    console.warn(`wasm-opt could not make ${name} smaller: ${String(run.stderr).trim().split("\n")[0]}`);
    rmSync(`${path}.small`, { force: true });
    continue;
  }
  renameSync(`${path}.small`, path);
  console.log(`${name}: ${(before / 1024).toFixed(0)} → ${(statSync(path).size / 1024).toFixed(0)} KB`);
}
