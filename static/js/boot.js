// Applies the theme before the first paint, then starts the WebAssembly of the page.
import "./errors.js";

try {
  const saved = JSON.parse(localStorage.getItem("playground.view") ?? "{}");
  if (saved.theme === "Light" || saved.theme === "Dark") {
    document.documentElement.dataset.theme = saved.theme.toLowerCase();
  }
} catch {
  // Storage is not accessible or has no valid view; the theme of the system applies.
}

async function start() {
  const { default: init } = await import(new URL("page.js", document.baseURI).href);
  await init({ module_or_path: new URL("page_bg.wasm", document.baseURI) });
}

start().catch((error) => {
  // A panic has been reported by the panic hook.
  if (error instanceof WebAssembly.RuntimeError) return;
  playground.report({
    kind: "file",
    message: error?.stack ?? String(error),
    explanation: "The page did not start. Check the network connection, then reload the page.",
  });
});
