/** The address of a file of this build. boot.js knows the folder; without it, tests use the document's. */
export const asset = (name) => globalThis.playground?.asset(name) ?? new URL(name, document.baseURI).href;
