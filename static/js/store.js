// Workspaces in IndexedDB. A workspace has two records: what the list shows, in `workspaces`, and its
// work as JSON text, in `works`. Every change is one transaction that compares the revision, so that two
// tabs never overwrite each other. If the browser refuses to store work, it stays in memory until the page closes.
import { openDB } from "idb";

/** Milliseconds after which a database that does not open counts as not available. */
const PATIENCE = 3_000;

const channel = typeof BroadcastChannel === "function" ? new BroadcastChannel("playground") : undefined;

/** Workspaces that could not be stored: id → { record, work }. */
const memory = new Map();

let database;

async function connect() {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new DOMException("the database does not open", "TimeoutError")), PATIENCE);
  });
  late.catch(() => {});
  const opened = openDB("playground", 1, {
    upgrade(db) {
      db.createObjectStore("workspaces", { keyPath: "id" });
      db.createObjectStore("works");
    },
    // A later version of the page in another tab changes the database.
    blocking: (_current, _blocked, event) => event.target.close(),
    terminated: () => { database = undefined; },
  });
  opened.catch(() => {});
  try {
    return await Promise.race([opened, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function db() {
  database ??= connect();
  try {
    return await database;
  } catch (error) {
    database = undefined;
    throw error;
  }
}

/** Runs `change` in one transaction that is complete when the promise resolves. */
async function transaction(change) {
  const tx = (await db()).transaction(["workspaces", "works"], "readwrite");
  tx.done.catch(() => {});
  try {
    const result = await change(tx.objectStore("workspaces"), tx.objectStore("works"));
    await tx.done;
    return result;
  } catch (error) {
    try {
      tx.abort();
    } catch {
      // The transaction has ended already.
    }
    throw tx.error ?? error;
  }
}

function tell(id) {
  channel?.postMessage({ id });
}

/** Calls `changed` with the id of a workspace that another tab changed. */
export function watch(changed) {
  channel?.addEventListener("message", ({ data }) => changed(String(data?.id ?? "")));
}

/** Returns the records of all workspaces as JSON. Throws if nothing can be stored. */
export async function list() {
  const stored = await (await db()).getAll("workspaces");
  return JSON.stringify([...stored.filter(({ id }) => !memory.has(id)), ...inMemory()]);
}

const inMemory = () => [...memory.values()].map(({ record }) => record);

/** Returns the records of the workspaces that could not be stored as JSON. */
export const unstored = () => JSON.stringify(inMemory());

/** Returns the record and the work of a workspace as a pair of JSON texts, or null. */
export async function load(id) {
  const held = memory.get(id);
  if (held) return [JSON.stringify(held.record), held.work];
  const tx = (await db()).transaction(["workspaces", "works"]);
  const [record, work] = await Promise.all([tx.objectStore("workspaces").get(id), tx.objectStore("works").get(id)]);
  return record && typeof work === "string" ? [JSON.stringify(record), work] : null;
}

/**
 * Stores a workspace if no newer revision than `base` is stored. Returns the new revision, or 0 if
 * there is one. With a `copy`, an id, the work is then stored as another workspace. A workspace that does
 * not exist is created.
 */
export async function save(json, base, work, copy) {
  const record = JSON.parse(json);
  try {
    const { id, revision } = await transaction(async (workspaces, works) => {
      const stored = await workspaces.get(record.id);
      let { id, name } = record;
      let last = stored?.revision ?? base;
      if (stored?.own) name = stored.name;
      // Changes that this tab stored itself are not reported as changes of another tab.
      if (stored && last !== base && !(copy && stored.writer === record.writer)) {
        if (await works.get(id) === work) return { revision: last };
        if (!copy) return { revision: 0 };
        [id, name, last] = [copy, `${name} (copy)`, 0];
      }
      await Promise.all([
        workspaces.put({ ...record, id, name, revision: last + 1, saved: Date.now(), deleted: 0 }),
        works.put(work, id),
      ]);
      return { id, revision: last + 1 };
    });
    memory.delete(record.id);
    if (id) tell(id);
    return revision;
  } catch (error) {
    memory.set(record.id, { record: { ...record, revision: base, saved: Date.now(), deleted: 0 }, work });
    throw error;
  }
}

async function change(id, fields) {
  const held = memory.get(id);
  if (held) held.record = { ...held.record, ...fields };
  await transaction(async (workspaces) => {
    const stored = await workspaces.get(id);
    if (stored) await workspaces.put({ ...stored, ...fields });
  });
  tell(id);
}

export const rename = (id, name) => change(id, { name });

/** Marks a workspace as deleted, or takes the mark away. `remove` deletes it for good. */
export const setDeleted = (id, deleted) => change(id, { deleted: deleted ? Date.now() : 0 });

export async function remove(id) {
  memory.delete(id);
  await transaction((workspaces, works) => Promise.all([workspaces.delete(id), works.delete(id)]));
  tell(id);
}

/** Asks the browser to keep the storage when space is short. */
export async function persist() {
  if (!navigator.storage?.persist || await navigator.storage.persisted()) return;
  await navigator.storage.persist();
}
