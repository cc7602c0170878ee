// Applies the theme before the first paint, then starts the WebAssembly of the page and loads that of the
// worker. All files of a build are in the folder of this script. Files of two builds are never joined: every
// module has the id of its build, and one that differs is not started.
import "./print.js";
import { outdated, report } from "./errors.js";
import { LoadError, compiled, fetched, otherBuild, reason } from "./load.js";

const asset = (name) => new URL(name, import.meta.url).href;

/** scripts/release.mjs writes the id of the build into all scripts and modules that must belong together. */
const BUILD = "build-id-of-this-build";

/** In a frame of another page, embed.js has set the theme. */
const EMBEDDED = document.documentElement.hasAttribute("data-embed");

try {
  const saved = JSON.parse((EMBEDDED ? undefined : localStorage.getItem("playground.view")) ?? "{}");
  if (saved.theme === "Light" || saved.theme === "Dark") {
    document.documentElement.dataset.theme = saved.theme.toLowerCase();
  }
} catch {
  // Storage is not accessible or has no valid view; the theme of the system applies.
}

/** Thrown if a file is of another build. */
class OutdatedError extends Error {}

function checkBuild(name, found = "unknown") {
  if (found !== BUILD) throw new OutdatedError(`${name} is of the build ${found}, and boot.js of ${BUILD}`);
}

/** Checks the id in a module's section `build`. */
function checkModule(module, name) {
  const [section] = WebAssembly.Module.customSections(module, "build");
  checkBuild(name, section && new TextDecoder().decode(section));
  return module;
}

/** Resolves when a file has arrived completely. */
function arrival(name) {
  return new Promise((resolve) => {
    const observer = new PerformanceObserver((list) => {
      if (!list.getEntries().some((entry) => entry.name === asset(name))) return;
      observer.disconnect();
      resolve();
    });
    observer.observe({ type: "resource", buffered: true });
  });
}

let started;
let workerModule;
let abort;

/** Loads the module of the worker, after the files of the page: on a slow network the page comes first. */
async function loadWorkerModule() {
  abort = new AbortController();
  const { signal } = abort;
  await Promise.race([arrival("page_bg.wasm"), started]);
  return checkModule(await compiled("worker_bg.wasm", { signal }), "worker_bg.wasm");
}

/** Returns why a worker did not start: the server has another build, or a file is missing. */
async function failure(error) {
  if (error instanceof OutdatedError) return { outdated: error.message };
  const other = await otherBuild(playground.build);
  if (other) return { outdated: `the server has the build ${other}, and the page is of ${playground.build}` };
  return { failed: error?.message ?? String(error) };
}

/**
 * Starts a worker. Its first message has the module, so that another worker needs no network. `reload`
 * requests the module again if it is still loading.
 */
function startWorker(reload) {
  if (reload) {
    abort?.abort();
    workerModule = undefined;
  }
  const worker = new Worker(asset("worker_boot.js"), { type: "module" });
  let ended = false;
  const fail = async (error) => {
    if (ended) return;
    ended = true;
    const data = await failure(error);
    if (data.outdated) outdated(data.outdated);
    worker.dispatchEvent(new MessageEvent("message", { data }));
  };
  worker.addEventListener("error", async (event) => {
    // A script that does not load gives an event that is no ErrorEvent and has no message.
    if (event.message !== undefined) return;
    event.stopImmediatePropagation();
    fail(await reason(["worker_boot.js"], new LoadError("worker_boot.js", "the script did not start")));
  });
  worker.addEventListener("message", async (event) => {
    const { file, build, lacks } = event.data ?? {};
    if (!file) return;
    // Rust does not receive these messages.
    event.stopImmediatePropagation();
    if (lacks) {
      // The browser does not say why an import failed.
      fail(await reason([file], new LoadError(file, lacks)));
      return;
    }
    try {
      checkBuild(file, build);
    } catch (error) {
      worker.terminate();
      fail(error);
    }
  });
  const loading = (workerModule ??= loadWorkerModule());
  loading.then(
    (module) => worker.postMessage({ module }),
    (error) => {
      if (workerModule === loading) workerModule = undefined;
      if (error?.name !== "AbortError") fail(error);
    },
  );
  return worker;
}

async function start() {
  const page = compiled("page_bg.wasm");
  // A failure of the import is reported instead, if both fail.
  page.catch(() => {});
  const { default: init, build } = await import(asset("page.js"));
  checkBuild("page.js", build);
  await init({ module_or_path: checkModule(await page, "page_bg.wasm") });
}

/** Keeps the build for visits without a network. There is no service worker in a development build. */
function keepBuild() {
  const container = navigator.serviceWorker;
  // A frame uses what a visit keeps, and keeps nothing itself.
  if (!container || EMBEDDED) return;
  if (playground.build !== "development") {
    container.register(new URL("service_worker.js", document.baseURI)).catch((error) => {
      console.warn("The page is not available offline:", error);
    });
  } else {
    container.getRegistrations?.().then((all) => all.forEach((one) => one.unregister()), () => {});
  }
}

/** The files without which the page does not start. Those that page.js imports stand in it. */
async function neededFiles() {
  try {
    const script = await (await fetched("page.js")).text();
    const imports = [...script.matchAll(/\bfrom\s*["']\.\/([^"']+)["']/g)];
    return [...imports.map(([, name]) => name), "page_bg.wasm"];
  } catch {
    return ["page.js"];
  }
}

/** Says in the document that the page did not start. It stays there after the report is closed. */
function sayNotStarted(why) {
  const [starting, late] = ["starting", "late"].map((id) => document.getElementById(id));
  if (!starting) return;
  starting.textContent = "The playground did not start.";
  late.firstElementChild.textContent = why;
  late.hidden = false;
}

/** Says why the page did not start. */
async function notStarted(error) {
  // A panic has been reported by the panic hook.
  if (error instanceof WebAssembly.RuntimeError) return;
  const other = error instanceof OutdatedError ? undefined : await otherBuild(playground.build);
  if (other || error instanceof OutdatedError) {
    sayNotStarted("The page has changed on the server.");
    return outdated(other ? `the server has the build ${other}, and the page is of ${playground.build}` : error.message);
  }
  sayNotStarted("A file is missing. Check the network connection, then try again.");
  // The browser does not say which of the modules that page.js imports is missing.
  const found = error instanceof LoadError ? error : await reason(await neededFiles(), error);
  report({
    kind: "file",
    message: found?.message ?? String(found),
    explanation: "The page did not start, because a file is missing. Check the network connection, then try again.",
    retry: { label: "Try again", run: () => location.reload() },
  });
}

Object.assign(playground, { asset, startWorker });
addEventListener("first-answer", keepBuild, { once: true });

started = start();
workerModule = loadWorkerModule();
// `startWorker` handles a failure.
workerModule.catch(() => {});
started.catch(notStarted);
