// Starts the WebAssembly of the worker. The first message has its module. Messages with a `file` are for
// boot.js: the builds of the scripts, and a script that did not load. Errors that Rust cannot post are posted
// as { failed } if the worker does not start, and as { crashed } if it stops later.
let started = false;

/** See boot.js. */
const BUILD = "build-id-of-this-build";

const message = (reason) => reason?.stack ?? String(reason);

function tell(reason) {
  postMessage(started ? { crashed: message(reason) } : { failed: message(reason) });
}

// The page reports the message; without `preventDefault` its window would report the error once more.
addEventListener("error", (event) => {
  event.preventDefault();
  tell(event.error ?? event.message);
});
addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  tell(event.reason);
});

const module = new Promise((resolve) => {
  addEventListener("message", (event) => resolve(event.data.module), { once: true });
});

postMessage({ file: "worker_boot.js", build: BUILD });

async function start() {
  let script;
  try {
    script = await import(new URL("worker.js", import.meta.url).href);
  } catch (error) {
    postMessage({ file: "worker.js", lacks: message(error) });
    return;
  }
  postMessage({ file: "worker.js", build: script.build });
  await script.default({ module_or_path: await module });
  started = true;
}

start().catch(tell);
