// Puts the theme on before the first paint, then starts the page's WebAssembly.
import init from "./page.js";

try {
  const saved = JSON.parse(localStorage.getItem("playground.view") ?? "{}");
  if (saved.theme === "Light" || saved.theme === "Dark") {
    document.documentElement.dataset.theme = saved.theme.toLowerCase();
  }
} catch {
  // Storage may be forbidden or hold nonsense; the system's theme is then used.
}

init({ module_or_path: new URL("./page_bg.wasm", import.meta.url) }).catch((error) => {
  const note = document.querySelector(".boot p");
  if (note) note.textContent = `The playground could not be started: ${error?.message ?? error}`;
});
