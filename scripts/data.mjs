// The descriptions of Kubernetes fields, which the build script of the crate kubernetes writes. The worker
// fetches them as kubernetes.json when a description is needed for the first time.
import { copyFileSync, existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** The newest descriptions under a folder of build scripts' results. */
function newest(build) {
  if (!existsSync(build)) return undefined;
  return readdirSync(build)
    .filter((name) => name.startsWith("kubernetes-"))
    .map((name) => join(build, name, "out", "kubernetes_descriptions.json"))
    .filter(existsSync)
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
}

/** Copies the descriptions into the folder of the page. Without them the page shows no descriptions. */
export function copyDescriptions(folder, release) {
  const target = process.env.CARGO_TARGET_DIR ?? "target";
  const found = [release ? "release" : "debug", "release", "debug"]
    .flatMap((profile) => [join(target, "wasm32-unknown-unknown", profile, "build"), join(target, profile, "build")])
    .map(newest)
    .find(Boolean);
  if (found) copyFileSync(found, join(folder, "kubernetes.json"));
  else console.warn("The descriptions of Kubernetes fields were not found; the page works without them.");
}
