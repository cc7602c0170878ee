// Shows errors that no other part of the page handles: a panic, an exception, a file that does not
// load. Other modules and the WebAssembly of the page call `playground.report`. This script depends on
// nothing else, so that it works when the rest of the page does not.

/** Loading failures and exceptions that browsers report without an effect on the page. */
const HARMLESS = /^ResizeObserver loop/;

/** More messages than this are not added to a report. */
const MOST_MESSAGES = 5;

const build = document.querySelector('meta[name="build"]')?.content ?? "unknown";
const messages = [];
let panel;
let fatal = false;

function reportText() {
  return [
    `Prometheus Playground, build ${build}`,
    ...messages,
    `Browser: ${navigator.userAgent}`,
    `Address: ${location.origin}${location.pathname}`,
    `Time: ${new Date().toISOString()}`,
  ].join("\n");
}

function element(tag, props = {}, ...children) {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
}

function button(label, run, primary) {
  const node = element("button", { type: "button", className: primary ? "primary" : "" }, label);
  node.addEventListener("click", run);
  return node;
}

function close() {
  panel?.remove();
  panel = undefined;
  messages.length = 0;
}

async function copy(status) {
  try {
    await navigator.clipboard.writeText(reportText());
    status.textContent = "Copied.";
  } catch {
    status.textContent = "The browser does not allow copying. Select the text instead.";
  }
}

/** Titles of kinds that are no fault of the program. */
const TITLES = { file: "A file did not load", version: "A new version of the page is available" };

function show({ kind, explanation, retry }) {
  panel?.remove();
  const fault = !TITLES[kind];
  const status = element("span", { className: "muted", role: "status" });
  const actions = [
    ...(retry ? [button(retry.label, () => { close(); retry.run(); }, true)] : []),
    button(kind === "version" ? "Reload to use it" : "Reload the page", () => location.reload(), !retry),
    button("Copy the report", () => copy(status)),
    ...(fatal ? [] : [button("Close", close)]),
  ];
  const text = element("pre", { className: "text", tabIndex: 0 }, reportText());
  text.setAttribute("aria-label", "Error report");
  const details = fault
    ? [element("p", { className: "muted" }, "Include the following text when you report the problem:"), text]
    : [element("details", {}, element("summary", {}, "Details"), text)];
  panel = element(
    "dialog",
    { className: `error-report ${fault ? "" : "notice"}`, role: "alertdialog" },
    element("h2", { id: "error-report-title" }, TITLES[kind] ?? "Something went wrong here"),
    element("p", { id: "error-report-text" }, explanation),
    ...details,
    element("div", { className: "row" }, ...actions, status),
  );
  panel.setAttribute("aria-labelledby", "error-report-title");
  panel.setAttribute("aria-describedby", "error-report-text");
  panel.addEventListener("cancel", (event) => (fatal ? event.preventDefault() : close()));
  // While a modal dialog is open, only another modal dialog is accessible.
  const modal = fatal || document.querySelector("dialog:modal");
  document.body.append(panel);
  if (modal) panel.showModal();
  else panel.show();
}

const EXPLANATIONS = {
  page: "The page stopped because of an internal error. Reload the page to continue.",
  script: "A part of the page stopped because of an internal error. Other parts of the page still work.",
  file: "A file of the page did not load. Check the network connection, then try again.",
};

function isSaved() {
  try {
    return localStorage.getItem("playground.position") !== null;
  } catch {
    return false;
  }
}

/**
 * Shows an error. `kind`: "page" (the page cannot continue), "script", "file", or any other word with
 * an `explanation`. `retry`: { label, run }, an action that can solve the problem.
 */
export function report({ kind, message, explanation = EXPLANATIONS[kind], retry }) {
  console.error(`${kind}: ${message}`);
  if (messages.length < MOST_MESSAGES) messages.push(`Error (${kind}): ${message}`);
  // Errors that follow a panic of the page are consequences of the panic.
  if (fatal) return;
  fatal = kind === "page";
  if (fatal && isSaved()) explanation += " Your files are saved in this browser.";
  show({ kind, explanation, retry });
}

/** Says that the server has another build than this page. Nothing of the other build is started. */
export function outdated(message) {
  const saved = isSaved() ? " Your files are saved in this browser and are opened again." : "";
  report({
    kind: "version",
    message,
    explanation: `The page has changed on the server since this tab was opened. Reload the page to continue.${saved}`,
  });
}

globalThis.playground = { report, build };

/** Reports a style sheet or a script that did not load. Another try requests it again. */
function reportMissing(node) {
  const url = node.src || node.href;
  const run = () => {
    const again = node.cloneNode();
    const from = new URL(url);
    from.searchParams.set("attempt", Date.now());
    again[node.src ? "src" : "href"] = from.href;
    node.replaceWith(again);
  };
  report({ kind: "file", message: `${url} did not load`, retry: { label: "Try again", run } });
}

function isForeign(file) {
  return Boolean(file) && !file.startsWith(location.origin);
}

addEventListener("error", (event) => {
  const { target } = event;
  if (target instanceof HTMLLinkElement || target instanceof HTMLScriptElement) {
    // A hint that fails has no effect; what it names is requested again when it is used.
    if (/preload/.test(target.rel ?? "")) return;
    reportMissing(target);
    return;
  }
  // Scripts of browser extensions run in the page too.
  if (!event.message || HARMLESS.test(event.message) || isForeign(event.filename)) return;
  report({ kind: "script", message: event.error?.stack ?? event.message });
}, true);

addEventListener("unhandledrejection", ({ reason }) => {
  report({ kind: "script", message: reason?.stack ?? String(reason) });
});

// A style sheet that failed before this script ran: its properties are not there.
if (!getComputedStyle(document.documentElement).getPropertyValue("--panel")) {
  const sheet = document.querySelector('link[rel="stylesheet"]');
  if (sheet) reportMissing(sheet);
}
