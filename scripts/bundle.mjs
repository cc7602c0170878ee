// Bundles static/js and static/css into bundle. Trunk runs it before every build.
// Files are written only when they changed, so that nothing behind them is built again in vain.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const out = join(root, "bundle");

if (Number(process.versions.node.split(".")[0]) < 20) {
  console.error(`Node 20 or newer is needed; this is ${process.version}.`);
  process.exit(1);
}
const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
if (!Object.keys(devDependencies).every((name) => existsSync(join(root, "node_modules", name)))) {
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: root, stdio: "inherit" });
  if (npm.status !== 0) {
    console.error("The npm packages could not be installed; is the network there?");
    process.exit(1);
  }
}

const { build } = await import("esbuild");
const options = {
  absWorkingDir: root,
  outdir: out,
  entryNames: "[name]",
  bundle: true,
  format: "esm",
  target: ["es2022"],
  minify: true,
  charset: "utf8",
  legalComments: "none",
  write: false,
  metafile: true,
};

// A part of the editor comes later. Both parts must hold the very same packages, so that part takes
// from the first what it would import; which names those are is read off its bundle.
const SHARED = ["@codemirror/language", "@codemirror/state", "@codemirror/view", "@lezer/common", "@lezer/highlight", "@lezer/lr"];
const later = await build({ ...options, entryPoints: ["static/js/editor_rest.js"], external: SHARED });
const names = {};
for (const file of later.outputFiles) {
  const text = file.text.replace(/import\{([^}]*)\}from"([^"]*)";/g, (_, list, from) => {
    const pairs = list.split(",").map((pair) => pair.split(" as "));
    names[from] = new Set([...(names[from] ?? []), ...pairs.map(([name]) => name)]);
    return `const{${pairs.map((pair) => pair.join(":")).join()}}=globalThis.codemirror["${from}"];`;
  });
  if (/\bimport[{*"]/.test(text)) throw new Error("the rest of the editor imports in another way than expected");
  file.contents = Buffer.from(text);
}
const packages = Object.entries(names).map(([from, set]) => [from, [...set].sort()]);
const taken = packages.map(([from, list], at) => `import { ${list.map((name) => `${name} as ${name}_${at}`).join(", ")} } from "${from}";`);
const given = packages.map(([from, list], at) => `"${from}": { ${list.map((name) => `${name}: ${name}_${at}`).join(", ")} }`);
const shared = {
  name: "shared",
  setup(build) {
    build.onResolve({ filter: /^shared$/ }, () => ({ path: "shared", namespace: "shared" }));
    build.onLoad({ filter: /.*/, namespace: "shared" }, () => ({
      contents: `${taken.join("\n")}\nexport default { ${given.join(", ")} };`,
      resolveDir: root,
    }));
  },
};
const result = await build({
  ...options,
  entryPoints: ["static/js/editor.js", "static/js/chart.js", "static/js/plot.js", "static/js/lesson.js", "static/js/link.js", "static/js/import.js", "static/js/store.js", "static/js/boot.js", "static/js/embed.js", "static/js/worker_boot.js", "static/js/service_worker.js", "static/css/page.css", "static/css/embed.css"],
  plugins: [shared],
});
const made = [...later.outputFiles.map((file) => ({ path: file.path, contents: file.contents })), ...result.outputFiles];

mkdirSync(out, { recursive: true });
for (const file of made) {
  const contents = Buffer.from(file.contents);
  if (existsSync(file.path) && readFileSync(file.path).equals(contents)) continue;
  writeFileSync(file.path, contents);
  console.log(`${file.path.slice(root.length + 1)}: ${(file.contents.length / 1024).toFixed(0)} KB`);
}
if (process.argv.includes("--weigh")) {
  const inputs = Object.values(result.metafile.outputs).flatMap((o) => Object.entries(o.inputs));
  inputs.sort((a, b) => b[1].bytesInOutput - a[1].bytesInOutput);
  for (const [name, { bytesInOutput }] of inputs.slice(0, 25)) console.log(bytesInOutput, name);
}
