// Encodes text for the fragment of a URL: deflate, then base64url. The page gives the limits.

/** Bytes given to a stream at once. Deflate expands a byte to at most 1,032. */
const SLICE = 1024;

/** Sends bytes through a stream slice by slice, and stops when the result exceeds `most` bytes. */
async function through(stream, bytes, most) {
  const writer = stream.writable.getWriter();
  const reader = stream.readable.getReader();
  const chunks = [];
  let size = 0;
  const read = (async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      size += value.length;
      if (size > most) throw new RangeError("too large");
      chunks.push(value);
    }
  })();
  let failure;
  read.catch((error) => { failure = error; });
  try {
    for (let at = 0; at < bytes.length && !failure; at += SLICE) {
      // Resolves when the slice has been processed and its result has been read.
      await Promise.race([writer.write(bytes.subarray(at, at + SLICE)), read]);
    }
    if (!failure) await Promise.race([writer.close(), read]);
    await read;
  } catch (error) {
    failure ??= error;
  }
  if (failure) {
    writer.abort().catch(() => {});
    reader.cancel().catch(() => {});
    throw failure;
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/** Encodes a text. */
export async function pack(text) {
  const bytes = await through(new CompressionStream("deflate-raw"), new TextEncoder().encode(text), Infinity);
  const letters = [];
  for (let at = 0; at < bytes.length; at += 8_190) letters.push(btoa(String.fromCharCode(...bytes.subarray(at, at + 8_190))));
  return letters.join("").replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * Decodes a text. Throws a RangeError for a text of more than `most` bytes, and another error for anything
 * that `pack` did not encode.
 */
export async function unpack(letters, most) {
  const bytes = Uint8Array.from(atob(letters.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  return new TextDecoder("utf-8", { fatal: true }).decode(await through(new DecompressionStream("deflate-raw"), bytes, most));
}
