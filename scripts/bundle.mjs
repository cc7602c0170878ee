// Bundles static/js and static/css into static/js/dist. Trunk runs it before every build.
// Files are written only when they changed, so that nothing behind them is built again in vain.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const out = join(root, "static/js/dist");

if (Number(process.versions.node.split(".")[0]) < 20) {
  console.error(`Node 20 or newer is needed; this is ${process.version}.`);
  process.exit(1);
}
if (!existsSync(join(root, "node_modules/esbuild"))) {
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: root, stdio: "inherit" });
  if (npm.status !== 0) {
    console.error("The npm packages could not be installed; is the network there?");
    process.exit(1);
  }
}

const { build } = await import("esbuild");
const result = await build({
  absWorkingDir: root,
  entryPoints: ["static/js/editor.js", "static/js/chart.js", "static/js/plot.js", "static/js/link.js", "static/js/boot.js", "static/css/page.css"],
  outdir: out,
  entryNames: "[name]",
  bundle: true,
  format: "esm",
  target: ["es2022"],
  minify: true,
  charset: "utf8",
  legalComments: "none",
  external: ["./page.js"],
  write: false,
  metafile: true,
});

mkdirSync(out, { recursive: true });
for (const file of result.outputFiles) {
  if (existsSync(file.path) && readFileSync(file.path, "utf8") === file.text) continue;
  writeFileSync(file.path, file.text);
  console.log(`${file.path.slice(root.length + 1)}: ${(file.contents.length / 1024).toFixed(0)} KB`);
}
if (process.argv.includes("--weigh")) {
  const inputs = Object.values(result.metafile.outputs).flatMap((o) => Object.entries(o.inputs));
  inputs.sort((a, b) => b[1].bytesInOutput - a[1].bytesInOutput);
  for (const [name, { bytesInOutput }] of inputs.slice(0, 25)) console.log(bytesInOutput, name);
}
