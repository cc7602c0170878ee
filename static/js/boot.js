// Applies the theme before the first paint, then starts the WebAssembly of the page and loads that of the
// worker. All files of a build are in the folder of this script.
import "./errors.js";

const asset = (name) => new URL(name, import.meta.url).href;

try {
  const saved = JSON.parse(localStorage.getItem("playground.view") ?? "{}");
  if (saved.theme === "Light" || saved.theme === "Dark") {
    document.documentElement.dataset.theme = saved.theme.toLowerCase();
  }
} catch {
  // Storage is not accessible or has no valid view; the theme of the system applies.
}

async function fetched(name) {
  const response = await fetch(asset(name));
  if (!response.ok) throw new Error(`${name}: HTTP status ${response.status}`);
  return response;
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

/** Loads the module of the worker, after the files of the page: on a slow network the page comes first. */
async function loadWorkerModule() {
  await Promise.race([arrival("page_bg.wasm"), started]);
  return WebAssembly.compileStreaming(fetched("worker_bg.wasm"));
}

/** Starts a worker. Its first message has the module, so that another worker needs no network. */
function startWorker() {
  const worker = new Worker(asset("worker_boot.js"), { type: "module" });
  workerModule ??= loadWorkerModule();
  workerModule.then(
    (module) => worker.postMessage({ module }),
    (error) => {
      workerModule = undefined;
      worker.dispatchEvent(new MessageEvent("message", { data: { failed: String(error) } }));
    },
  );
  return worker;
}

async function start() {
  const page = fetched("page_bg.wasm");
  const { default: init } = await import(asset("page.js"));
  await init({ module_or_path: await page });
}

/** Keeps the build for visits without a network. There is no service worker in a development build. */
function keepBuild() {
  const container = navigator.serviceWorker;
  if (!container) return;
  if (playground.build !== "development") {
    container.register(new URL("service_worker.js", document.baseURI)).catch((error) => {
      console.warn("The page is not available offline:", error);
    });
  } else {
    container.getRegistrations?.().then((all) => all.forEach((one) => one.unregister()), () => {});
  }
}

Object.assign(playground, { asset, startWorker });
addEventListener("first-answer", keepBuild, { once: true });

started = start();
workerModule = loadWorkerModule();
// `startWorker` handles a failure.
workerModule.catch(() => {});
started.catch((error) => {
  // A panic has been reported by the panic hook.
  if (error instanceof WebAssembly.RuntimeError) return;
  playground.report({
    kind: "file",
    message: error?.stack ?? String(error),
    explanation: "The page did not start. Check the network connection, then reload the page.",
  });
});
