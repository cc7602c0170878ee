// The README's first commands in a fresh copy of the working tree, in which nothing was built before.
// Tools may come from the PATH. Each command gets a copy of its own.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, lstatSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

// Far more than a cold build takes; only a command that hangs reaches it.
const LIMIT = 20 * 60_000;

/** Copies the tracked and the untracked, not ignored files into an empty folder. */
function freshCopy() {
  const folder = mkdtempSync(join(tmpdir(), "playground-"));
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root });
  for (const name of new Set(listed.toString().split("\0").filter(Boolean))) {
    const from = join(root, name);
    const to = join(folder, name);
    let kind;
    try {
      kind = lstatSync(from);
    } catch {
      continue; // Deleted in the working tree, and not yet committed.
    }
    mkdirSync(dirname(to), { recursive: true });
    if (kind.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
    else copyFileSync(from, to);
  }
  return folder;
}

/** Returns a port of 127.0.0.1 that was free a moment ago. */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function get(url) {
  try {
    const response = await fetch(url);
    return { ok: response.ok, type: response.headers.get("content-type") ?? "", body: Buffer.from(await response.arrayBuffer()) };
  } catch {
    return { ok: false, type: "", body: Buffer.alloc(0) };
  }
}

/** Runs the command until the page and both of its WebAssembly modules answer, then ends it. */
async function serves(command, args, env = {}) {
  const folder = freshCopy();
  const port = await freePort();
  // The copy must not use what this checkout has built.
  const { CARGO_TARGET_DIR: _, ...inherited } = process.env;
  const child = spawn(command, args(port), {
    cwd: folder,
    env: { ...inherited, ...env, PORT: String(port) },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
  const ended = new Promise((resolve) => child.once("close", (code) => resolve(code ?? "a signal")));
  const start = Date.now();
  try {
    for (;;) {
      const [page, ...modules] = await Promise.all(["", "page_bg.wasm", "worker_bg.wasm"].map((name) => get(`http://127.0.0.1:${port}/${name}`)));
      if (page.ok && modules.every((one) => one.ok)) {
        assert.match(page.body.toString(), /<title>Prometheus Playground<\/title>/);
        for (const one of modules) {
          assert.equal(one.type, "application/wasm");
          assert.equal(one.body.subarray(0, 4).toString("latin1"), "\0asm");
        }
        return Math.round((Date.now() - start) / 1000);
      }
      const code = await Promise.race([ended, delay(500, "running")]);
      assert.equal(code, "running", `the command ended with ${code}:\n${output}`);
      assert.ok(Date.now() - start < LIMIT, `nothing answers after ${LIMIT / 60_000} minutes:\n${output}`);
    }
  } finally {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await ended;
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

test("make serve works in a fresh copy", { timeout: LIMIT + 60_000 }, async (t) => {
  t.diagnostic(`the page answered after ${await serves("make", () => ["serve"])} s`);
});

test("trunk serve works in a fresh copy", { timeout: LIMIT + 60_000 }, async (t) => {
  t.diagnostic(`the page answered after ${await serves("trunk", (port) => ["serve", "--port", String(port)])} s`);
});
