// Files that the visitor drops, chooses or pastes, with their bytes. Rust decides which files of a
// folder are wanted, and what becomes of them.

/** Entries of folders that are looked at. */
const MOST_ENTRIES = 20_000;

/** Collects files up to a limit. */
class Collection {
  constructor(most, wanted) {
    this.files = [];
    this.left = most;
    this.entries = 0;
    this.wanted = wanted;
    this.skipped = 0;
  }

  async add(file, name, from) {
    this.left -= file.size;
    if (this.left < 0) throw new RangeError("too large");
    this.files.push({ name, from, bytes: new Uint8Array(await file.arrayBuffer()) });
  }

  /** Adds a file of a folder if its name says that it is read. */
  async addInside(file, name) {
    if (this.wanted(name)) await this.add(file, name, "folder");
    else this.skipped += 1;
  }

  /** Adds a file or a folder that was dropped. */
  async addEntry(entry, depth = 0) {
    this.entries += 1;
    if (this.entries > MOST_ENTRIES) throw new RangeError("too many");
    const name = entry.fullPath.replace(/^\/+/, "");
    if (entry.isFile) {
      if (depth > 0 && !this.wanted(name)) {
        this.skipped += 1;
        return;
      }
      const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
      await this.add(file, name, depth > 0 ? "folder" : "chosen");
      return;
    }
    // Folders of version control and of packages can be large.
    if (depth > 20 || (depth > 0 && /^\.|^node_modules$/.test(entry.name))) return;
    const reader = entry.createReader();
    for (;;) {
      const found = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (found.length === 0) return;
      for (const inner of found) await this.addEntry(inner, depth + 1);
    }
  }
}

/** Runs `fill` on a collection. Resolves to `{ files, skipped }` or to `{ problem }`. */
async function collect(most, wanted, fill) {
  const found = new Collection(most, wanted);
  try {
    await fill(found);
    return { files: found.files, skipped: found.skipped };
  } catch (error) {
    return { problem: error instanceof RangeError ? "large" : String(error?.message ?? error) };
  }
}

/** Reads the files of an input, also of one that chooses a folder. */
export function ofInput(input, most, wanted) {
  const files = [...input.files];
  // The same file can be chosen again.
  input.value = "";
  return collect(most, wanted, async (found) => {
    for (const file of files) {
      if (file.webkitRelativePath) await found.addInside(file, file.webkitRelativePath);
      else await found.add(file, file.name, "chosen");
    }
  });
}

/** Turns pasted text into a file. */
export function ofText(text) {
  return { name: "", from: "pasted", bytes: new TextEncoder().encode(text) };
}

function ofTransfer(transfer, most, wanted) {
  // The entries are there only while the event is handled.
  const entries = [...transfer.items].filter((item) => item.kind === "file").map((item) => item.webkitGetAsEntry?.());
  const files = [...transfer.files];
  return collect(most, wanted, async (found) => {
    if (entries.length > 0 && entries.every(Boolean)) {
      for (const entry of entries) await found.addEntry(entry);
    } else {
      for (const file of files) await found.add(file, file.name, "chosen");
    }
  });
}

const hasFiles = (transfer) => Boolean(transfer) && [...transfer.types].includes("Files");

function isEditable(element) {
  return element instanceof Element && element.closest("input, textarea, select, [contenteditable], .cm-editor") !== null;
}

/**
 * Watches the whole page: files that are dragged over it (`onHover`), and files or text that are dropped or
 * pasted outside of a field (`onFound`, with a promise). Returns a function that ends it.
 */
export function watch(most, wanted, onHover, onFound) {
  let inside = false;
  const hover = (on) => {
    if (inside !== on) onHover(on);
    inside = on;
  };
  const over = (event) => {
    if (!hasFiles(event.dataTransfer)) return;
    event.preventDefault();
    event.stopPropagation();
    event.dataTransfer.dropEffect = "copy";
    hover(true);
  };
  const leave = (event) => {
    if (event.relatedTarget === null) hover(false);
  };
  const drop = (event) => {
    if (!hasFiles(event.dataTransfer)) return;
    event.preventDefault();
    event.stopPropagation();
    hover(false);
    onFound(ofTransfer(event.dataTransfer, most, wanted));
  };
  const paste = (event) => {
    const data = event.clipboardData;
    if (!data) return;
    const text = data.getData("text/plain");
    if (hasFiles(data) && !text) {
      event.preventDefault();
      event.stopPropagation();
      onFound(ofTransfer(data, most, wanted));
    } else if (text.trim() && !isEditable(event.target)) {
      event.preventDefault();
      onFound(Promise.resolve({ files: [ofText(text)], skipped: 0 }));
    }
  };
  const listeners = [["dragenter", over], ["dragover", over], ["dragleave", leave], ["drop", drop], ["paste", paste]];
  for (const [name, listener] of listeners) window.addEventListener(name, listener, true);
  return () => {
    for (const [name, listener] of listeners) window.removeEventListener(name, listener, true);
  };
}
