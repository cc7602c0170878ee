// Keeps one build for visits without a network. scripts/release.mjs writes the two constants at the start
// of this file. The files of a build are in a folder with the name of the build, so that the files of two
// builds never meet: the document decides which folder is read.
/* global BUILD, FILES */

const CACHE = `build-${BUILD}`;

/** Milliseconds until a document comes from the cache if the network does not answer. */
const PATIENCE = 2000;

addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)));
});

addEventListener("activate", (event) => {
  const drop = (names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(drop));
});

async function document(request) {
  const cached = caches.match("./", { cacheName: CACHE });
  const online = fetch(request);
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
