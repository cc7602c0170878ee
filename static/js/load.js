// Loads files of the build, and finds out why a file did not load. A captive portal answers with a web
// page in place of a file.
import { asset } from "./asset.js";

/** Milliseconds that a file is waited for when the page finds out what is missing. */
const PROBE = 10_000;

/** A file that did not load. `file` is its name, `message` has the name and the reason. */
export class LoadError extends Error {
  constructor(file, reason) {
    super(`${file}: ${reason}`);
    this.name = "LoadError";
    this.file = file;
  }
}

const isPage = (response) => /^text\/html/i.test(response.headers.get("content-type") ?? "");

/** Requests a file of the build. Throws a LoadError if no file comes. */
export async function fetched(name, options) {
  let response;
  try {
    response = await fetch(asset(name), options);
  } catch (error) {
    if (options?.signal?.aborted && error?.name === "AbortError") throw error;
    const offline = navigator.onLine === false;
    throw new LoadError(name, offline ? "the browser is offline" : `the connection failed (${error?.message ?? error})`);
  }
  if (!response.ok) throw new LoadError(name, `the server answered with the status ${response.status}`);
  if (isPage(response)) {
    throw new LoadError(name, "a web page came in place of the file; a network that asks to sign in does this");
  }
  return response;
}

/** Compiles a module of the build. */
export async function compiled(name, options) {
  const response = await fetched(name, options);
  // A server may not know the type of WebAssembly.
  const known = response.headers.get("content-type")?.startsWith("application/wasm");
  try {
    return await (known ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer()));
  } catch (error) {
    if (error?.name === "AbortError") throw error;
    throw new LoadError(name, `the file is damaged or incomplete (${error?.message ?? error})`);
  }
}

/** Returns the error of the first of these files that does not load, or a fallback if all load. */
export async function reason(names, fallback) {
  for (const name of new Set(names)) {
    try {
      const response = await fetched(name, { cache: "no-cache", signal: AbortSignal.timeout(PROBE) });
      await response.body?.cancel();
    } catch (error) {
      return error instanceof LoadError ? error : new LoadError(name, "the network does not answer");
    }
  }
  return fallback;
}

/** Imports a module of the build. Throws a LoadError with the reason if it does not load. */
export async function imported(name, attempt = 0) {
  // A failed import is cached by the browser, so that another attempt needs another address.
  const suffix = attempt ? `?attempt=${attempt}` : "";
  try {
    return await import(asset(`${name}${suffix}`));
  } catch (error) {
    throw await reason([name], new LoadError(name, error?.message ?? String(error)));
  }
}

/** The id of the build that a document names. */
const buildOf = (html) => /<meta name="build" content="([^"]*)"/.exec(html)?.[1];

/** Returns the id of the server's build if it is another one than that of this page. */
export async function otherBuild(own) {
  try {
    // The service worker keeps the document under its plain address only.
    const url = new URL("?build", document.baseURI);
    const response = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(PROBE) });
    const found = response.ok ? buildOf(await response.text()) : undefined;
    return found && found !== own ? found : undefined;
  } catch {
    return undefined;
  }
}
