// Keeps one build for visits without a network. scripts/release.mjs writes the two constants at the start
// of this file. The files of a build are in a folder with the name of the build, so that the files of two
// builds never meet: the document decides which folder is read.
/* global BUILD, FILES */

const CACHE = `build-${BUILD}`;
const DOCUMENT = "./";
/** The page for frames. */
const EMBEDDED = "./embed.html";
const DOCUMENTS = [DOCUMENT, EMBEDDED];

/** Milliseconds until a document comes from the cache if the network does not answer. */
const PATIENCE = 2000;

/** Throws if a response is not the file of this build: a captive portal answers every request with a page. */
async function check(name, response) {
  const isPage = /^text\/html/i.test(response.headers.get("content-type") ?? "");
  if (!response.ok || response.redirected) throw new Error(`${name}: HTTP status ${response.status}`);
  const isDocument = DOCUMENTS.includes(name);
  if (!isDocument && isPage) throw new Error(`${name}: a web page came in place of the file`);
  if (isDocument && !(await response.clone().text()).includes(`content="${BUILD}"`)) {
    throw new Error("the document is of another build");
  }
}

/** Keeps all files of the build, or none. */
async function keep() {
  const responses = await Promise.all(FILES.map(async (name) => {
    // The document may be cached by the browser, and the other files have the build in their address.
    const response = await fetch(name, DOCUMENTS.includes(name) ? { cache: "no-cache" } : {});
    await check(name, response);
    return response;
  }));
  const cache = await caches.open(CACHE);
  await Promise.all(FILES.map((name, at) => cache.put(name, responses[at])));
}

addEventListener("install", (event) => event.waitUntil(keep()));

addEventListener("activate", (event) => {
  const drop = (names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(drop));
});

async function document(request) {
  const isEmbedded = /\/embed(\.html)?$/.test(new URL(request.url).pathname);
  const cached = caches.match(isEmbedded ? EMBEDDED : DOCUMENT, { cacheName: CACHE });
  const online = fetch(request).then(async (response) => {
    // A server that fails is like one that does not answer.
    return response.status >= 500 ? ((await cached) ?? response) : response;
  });
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE)).then(() => cached);
  try {
    return (await Promise.race([online, late])) ?? (await online);
  } catch (error) {
    const page = await cached;
    if (page) return page;
    throw error;
  }
}

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(document(request));
  else event.respondWith(caches.match(request, { ignoreVary: true }).then((found) => found ?? fetch(request)));
});
