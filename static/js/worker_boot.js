// Starts the WebAssembly of the worker. The first message has its module. Errors that Rust cannot post are
// posted as { failed } if the worker does not start, and as { crashed } if it stops later.
let started = false;

function tell(reason) {
  const message = reason?.stack ?? String(reason);
  postMessage(started ? { crashed: message } : { failed: message });
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

async function start() {
  const { default: init } = await import(new URL("worker.js", import.meta.url).href);
  await init({ module_or_path: await module });
  started = true;
}

start().catch(tell);
