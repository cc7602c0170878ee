// Starts the WebAssembly of the worker, and posts errors that Rust cannot post: { failed } if the worker
// does not start, { crashed } if it stops later.
let started = false;

function tell(reason) {
  const message = reason?.stack ?? String(reason);
  postMessage(started ? { crashed: message } : { failed: message });
}

addEventListener("error", (event) => tell(event.error ?? event.message));
addEventListener("unhandledrejection", (event) => tell(event.reason));

try {
  const { default: init } = await import(new URL("worker.js", import.meta.url).href);
  await init({ module_or_path: new URL("worker_bg.wasm", import.meta.url) });
  started = true;
} catch (error) {
  tell(error);
}
