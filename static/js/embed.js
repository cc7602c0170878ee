// The page for frames: a poster, and after a click the playground. Tells the page around it when it is ready,
// which height it needs, and which goals are met. docs/hosting.md lists parameters and messages.

const asset = (name) => new URL(name, import.meta.url).href;
const params = new URLSearchParams(location.search);
const root = document.documentElement;
const theme = params.get("theme");
if (theme === "light" || theme === "dark") root.dataset.theme = theme;

/** Pixels of height that the playground needs, on a wide and on a narrow frame. */
const HEIGHT = { wide: 640, narrow: 760 };
const NARROW = 800;
/** Pixels between the parts of the poster, and above and below it; see embed.css. */
const POSTER_GAP = 12;
const POSTER_PADDING = 24;

/** The origin of the page around this one, if the browser says it. */
function embedder() {
  const [nearest] = location.ancestorOrigins ?? [];
  if (nearest) return nearest === "null" ? undefined : nearest;
  try {
    return new URL(document.referrer).origin;
  } catch {
    return undefined;
  }
}

/**
 * Sends a message to the page around this one. `ready` and `height` say nothing about a visitor, and are sent
 * to any page; other messages only to a known origin.
 */
function tell(type, data = {}) {
  if (parent === window) return;
  const origin = embedder() ?? (type === "ready" || type === "height" ? "*" : undefined);
  if (origin) parent.postMessage({ source: "prometheus-playground", type, ...data }, origin);
}

let height;

/** Tells the height when it changes. */
function tellHeight() {
  const poster = document.querySelector(".poster");
  const heights = [...(poster?.children ?? [])].map((child) => child.getBoundingClientRect().height);
  const content = Math.ceil(heights.reduce((sum, one) => sum + one + POSTER_GAP, 2 * POSTER_PADDING - POSTER_GAP));
  const needed = poster ? content : HEIGHT[innerWidth < NARROW ? "narrow" : "wide"];
  if (needed === height) return;
  height = needed;
  tell("height", { height });
}

const met = new Set();

/** Tells each goal once when it is met, and that a lesson is solved. */
function tellGoals() {
  const pane = document.querySelector("[data-lesson]");
  if (!pane) return;
  const { lesson } = pane.dataset;
  const once = (key, type, data) => {
    if (met.has(key)) return;
    met.add(key);
    tell(type, data);
  };
  for (const { dataset: { goal } } of pane.querySelectorAll("[data-goal].met")) once(`${lesson} ${goal}`, "goal", { lesson, goal });
  if (pane.querySelector(".solved")) once(lesson, "solved", { lesson });
}

/** The styles of the playground; it starts after they have arrived. */
function loadStyles() {
  return new Promise((resolve, reject) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: asset("page.css") });
    link.addEventListener("load", resolve);
    link.addEventListener("error", reject);
    document.head.append(link);
  });
}

/** The place in which the playground says that it starts, and why it does not. */
function starting() {
  const make = (tag, props, ...children) => {
    const node = Object.assign(document.createElement(tag), props);
    node.append(...children);
    return node;
  };
  const again = make("button", { type: "button", textContent: "Try again" });
  again.addEventListener("click", () => location.reload());
  const late = make("div", { id: "late", className: "late", hidden: true }, make("p", {}), again);
  late.setAttribute("role", "alert");
  const boot = make("div", { className: "boot" }, make("p", { id: "starting", textContent: "Starting the playground…" }), late);
  boot.setAttribute("role", "status");
  return boot;
}

async function run() {
  const button = document.getElementById("run");
  const poster = document.querySelector(".poster");
  button.disabled = true;
  button.textContent = "Loading…";
  try {
    await loadStyles();
    document.getElementById("page").replaceChildren(starting());
    await import(asset("boot.js"));
  } catch {
    document.getElementById("page").replaceChildren(poster);
    button.disabled = false;
    button.textContent = "Try again";
    const what = document.getElementById("what");
    what.textContent = "A file did not load. Check the network connection, then try again.";
    what.className = "problem";
    return;
  }
  tellHeight();
}

const [lesson, scenario] = [params.get("lesson"), params.get("scenario")];
if (lesson) document.getElementById("what").textContent = `Lesson: ${lesson.slice(0, 80)}`;
else if (scenario) document.getElementById("what").textContent = `Scenario: ${scenario.slice(0, 80)}`;

document.getElementById("run").addEventListener("click", run);
addEventListener("first-answer", () => tell("ready"), { once: true });
addEventListener("resize", tellHeight);
new MutationObserver(tellGoals).observe(document.getElementById("page"), { subtree: true, childList: true, attributes: true, attributeFilter: ["class"] });
tellHeight();
