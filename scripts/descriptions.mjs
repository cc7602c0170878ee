// Puts Kubernetes's descriptions, which the build of the crate kubernetes writes beside its other results, next to the page as
// kubernetes.json. The worker fetches them when someone first asks what a field means.
import { copyFileSync, existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const folder = process.env.TRUNK_STAGING_DIR ?? process.env.TRUNK_DIST_DIR;
const target = process.env.CARGO_TARGET_DIR ?? "target";
const profiles = [process.env.TRUNK_PROFILE === "release" ? "release" : "debug", "release", "debug"];

function newest(build) {
  if (!existsSync(build)) return undefined;
  return readdirSync(build)
    .filter((name) => name.startsWith("kubernetes-"))
    .map((name) => join(build, name, "out", "kubernetes_descriptions.json"))
    .filter(existsSync)
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
}

const found = profiles
  .flatMap((profile) => [join(target, "wasm32-unknown-unknown", profile, "build"), join(target, profile, "build")])
  .map(newest)
  .find(Boolean);
if (found) {
  copyFileSync(found, join(folder, "kubernetes.json"));
} else {
  console.warn("No descriptions of Kubernetes's fields were found; the page works without them.");
}
