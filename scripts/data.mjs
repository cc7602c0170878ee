// Data that build scripts write, and that the page fetches when it is needed for the first time: the
// descriptions of Kubernetes fields (kubernetes.json), and the lessons (lessons/NAME.json).
import { copyFileSync, cpSync, existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** The newest result of the build script of a crate under a folder of such results. */
function newest(build, crate, name) {
  if (!existsSync(build)) return undefined;
  return readdirSync(build)
    .filter((folder) => new RegExp(`^${crate}-[0-9a-f]+$`).test(folder))
    .map((folder) => join(build, folder, "out", name))
    .filter(existsSync)
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
}

function find(release, crate, name) {
  const target = process.env.CARGO_TARGET_DIR ?? "target";
  return [release ? "release" : "debug", "release", "debug"]
    .flatMap((profile) => [join(target, "wasm32-unknown-unknown", profile, "build"), join(target, profile, "build")])
    .map((build) => newest(build, crate, name))
    .find(Boolean);
}

/** Copies the data into the folder of the page. The page works without it, and says what is missing. */
export function copyData(folder, release) {
  const descriptions = find(release, "kubernetes", "kubernetes_descriptions.json");
  if (descriptions) copyFileSync(descriptions, join(folder, "kubernetes.json"));
  else console.warn("The descriptions of Kubernetes fields were not found; the page works without them.");
  const lessons = find(release, "lessons", "lessons");
  if (lessons) cpSync(lessons, join(folder, "lessons"), { recursive: true });
  else console.warn("The lessons were not found; the page works without them.");
}
