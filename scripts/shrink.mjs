// Makes the WebAssembly of a release build small. Trunk runs it after every build; it does nothing
// in a debug build. wasm-opt comes with the npm packages: distributions' own are often too old.
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { plain } from "./data.mjs";
import { mute } from "./panics.mjs";

// What the compiler uses and every current browser has; all that wasm-opt knows is more than that.
const FEATURES = [
  "bulk-memory", "bulk-memory-opt", "call-indirect-overlong", "multivalue", "mutable-globals",
  "nontrapping-float-to-int", "reference-types", "sign-ext",
].map((feature) => `--enable-${feature}`);

const kb = (path) => `${(statSync(path).size / 1024).toFixed(0)} KB`;

/**
 * Large functions stay out of their only caller, so that the module can be divided between them.
 * Where something fails the file stays as it was: larger than it could be, but sound.
 */
function optimise(folder, name) {
  const path = join(folder, name);
  const before = kb(path);
  writeFileSync(path, mute(plain(readFileSync(path), ["name", "target_features"])));
  const run = spawnSync("node", ["node_modules/binaryen/bin/wasm-opt", "-Oz", "--one-caller-inline-max-function-size=20", "-g", ...FEATURES, path, "-o", `${path}.small`], { stdio: ["ignore", "inherit", "pipe"] });
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
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".wasm"))) optimise(folder, name);
  const target = join(process.env.CARGO_TARGET_DIR ?? "target", "wasm32-unknown-unknown/release");
  const { split } = await import("./split.mjs");
  const { PagePlayer, WorkerPlayer } = await import("./play.mjs");
  for (const [name, Player] of [["worker", WorkerPlayer], ["page", PagePlayer]]) {
    const [first, glue, rest] = [`${name}_bg.wasm`, `${name}.js`, `${name}_rest.wasm`].map((file) => join(folder, file));
    try {
      await split(first, glue, join(target, `${name}.wasm`), new Player(folder));
      console.log(`${name}: ${kb(first)} at first, ${kb(rest)} when needed`);
    } catch (error) {
      writeFileSync(first, plain(readFileSync(first), []));
      console.warn(`The ${name} could not be divided, so it comes as a whole: ${error.message.split("\n")[0]}`);
    }
  }
}
