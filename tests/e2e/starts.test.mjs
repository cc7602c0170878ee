// Starts: files that do not load, networks that are slow or answer with a page of their own, parts of two
// builds, and workers that are given up.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { extname, join } from "node:path";
import { describe, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { DIST, editorComplete, ready, replace, scrape, settled, share, shown, site, stored, type } from "./harness.mjs";

const open = site();

const PORTAL = { status: 200, contentType: "text/html", body: "<!doctype html><title>Sign in to the network</title>" };

/** Ways in which a file does not come, and what the page says about each. */
const WAYS = [
  ["is not on the server", (route) => route.fulfill({ status: 404, body: "" }), /status 404/],
  ["comes as a page of a captive portal", (route) => route.fulfill(PORTAL), /a web page came in place of the file/],
  ["breaks off", (route) => route.abort("connectionreset"), /connection failed/],
];

const panel = (page, name = "A file did not load") => page.getByRole("alertdialog", { name });

/** The text behind "Details". */
const details = (panel) => panel.getByLabel("Error report").textContent();

/** Errors on the console are expected. */
const forgive = (page) => page.errors.splice(0);

const typed = (page, text) => page.locator(".cm-line", { hasText: text });

/** Before all scripts: notes each worker that is started and each request that it gets. */
function watchWorkers() {
  window.workers = [];
  const Plain = window.Worker;
  window.Worker = class extends Plain {
    constructor(...all) {
      super(...all);
      this.sizes = [];
      window.workers.push({ at: performance.now(), worker: this });
    }
    postMessage(message, ...rest) {
      if (message instanceof Uint8Array) this.sizes.push(message.byteLength);
      super.postMessage(message, ...rest);
    }
  };
}

/** From now on, a request is not readable for the worker if `broken` says so. `posted` counts the requests. */
function breakRequests() {
  const post = window.Worker.prototype.postMessage;
  window.Worker.prototype.postMessage = function (message, ...rest) {
    const request = message instanceof Uint8Array;
    if (request) this.posted = (this.posted ?? 0) + 1;
    post.call(this, request && window.broken(this) ? new Uint8Array([255, 255, 255]) : message, ...rest);
  };
}

const workers = (page) => page.evaluate(() => window.workers.length);

describe("a file of the page", () => {
  for (const [file, says] of [
    ["page.js", /The page did not start/],
    ["page_bg.wasm", /The page did not start/],
    ["editor.js", /The page did not start/],
  ]) {
    for (const [way, answer, why] of WAYS) {
      test(`${file} ${way}`, async () => {
        const page = await open({ routes: { [`**/${file}`]: answer }, until: ".error-report" });
        await panel(page).getByText(says).waitFor();
        await page.getByText("The playground did not start.").waitFor();
        assert.match(await details(panel(page)), new RegExp(`${file}: .*${why.source}`));
        await page.context().unroute(`**/${file}`);
        await panel(page).getByRole("button", { name: "Try again" }).click();
        await ready(page);
        forgive(page);
      });
    }
  }

  for (const [way, answer] of WAYS) {
    test(`boot.js ${way}`, async () => {
      const page = await open({ routes: { "**/boot.js": answer }, until: "#late" });
      await page.getByText(/boot\.js did not load/).waitFor();
      await page.getByText("The playground did not start.").waitFor();
      await page.context().unroute("**/boot.js");
      await page.getByRole("button", { name: "Try again" }).click();
      await ready(page);
      forgive(page);
    });

    test(`page.css ${way}`, async () => {
      const page = await open({ routes: { "**/page.css": answer } });
      await panel(page).waitFor();
      assert.match(await details(panel(page)), /page\.css did not load/);
      await page.context().unroute("**/page.css");
      await panel(page).getByRole("button", { name: "Try again" }).click();
      await page.waitForFunction(() => getComputedStyle(document.documentElement).getPropertyValue("--panel"));
      await ready(page);
      forgive(page);
    });

    test(`editor_rest.js ${way}`, async () => {
      const page = await open({ routes: { "**/editor_rest.js*": answer } });
      await panel(page).getByText("A part of the editor did not load").waitFor();
      assert.match(await details(panel(page)), /editor_rest\.js: /);
      await page.context().unroute("**/editor_rest.js*");
      await panel(page).getByRole("button", { name: "Try again" }).click();
      await page.waitForFunction(() => document.documentElement.dataset.editor === "complete");
      forgive(page);
    });

    test(`plot.js ${way}`, async () => {
      const page = await open({ routes: { "**/plot.js*": answer } });
      await scrape(page, 4);
      await page.locator("#tab-query").click();
      await page.getByRole("tab", { name: "Graph" }).click();
      const note = page.locator(".chart-missing").first();
      await note.getByText(/The graph library did not load\. plot\.js: /).waitFor();
      await page.context().unroute("**/plot.js*");
      await note.getByRole("button", { name: "Try again" }).click();
      await page.locator(".uplot").first().waitFor();
      forgive(page);
    });
  }

  test("that did not load is not said to take long, and is requested again after the report is closed", async () => {
    const page = await open({ routes: { "**/page_bg.wasm": WAYS[0][1] }, until: ".error-report", clock: true });
    await panel(page).getByRole("button", { name: "Close" }).click();
    await page.clock.runFor(16_000);
    await page.getByText("The playground did not start.").waitFor();
    assert.equal(await page.getByText("This takes longer than usual.").count(), 0);
    await page.context().unroute("**/page_bg.wasm");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.clock.resume();
    await ready(page);
    forgive(page);
  });

  test("that hangs is said to take long", async () => {
    let hangs = true;
    const answer = (route) => (hangs ? undefined : route.continue());
    const page = await open({ routes: { "**/page_bg.wasm": answer }, until: ".boot", clock: true });
    assert.ok(await page.locator("#late").isHidden());
    await page.clock.runFor(16_000);
    await page.getByText("This takes longer than usual.").waitFor();
    hangs = false;
    await page.getByRole("button", { name: "Try again" }).click();
    await page.clock.resume();
    await ready(page);
    forgive(page);
  });

  test("kubernetes.json comes as a page of a captive portal, which is said once", async () => {
    const page = await open({ routes: { "**/kubernetes.json": (route) => route.fulfill(PORTAL) } });
    await page.getByRole("tab", { name: "proxy.yaml" }).click();
    await page.locator("#tab-explain").click();
    // Fields whose only description is that of the API.
    await type(page, "apiVersion: v1\nkind: Pod\nspec: {hostIPC: true, setHostnameAsFQDN: true}\n---\n");
    for (const field of ["hostIPC", "setHostnameAsFQDN"]) {
      await typed(page, field).first().locator("span", { hasText: field }).last().click();
      await page.locator(".toast", { hasText: "kubernetes.json" }).waitFor();
    }
    assert.equal(await page.locator(".toast", { hasText: "kubernetes.json" }).count(), 1);
    forgive(page);
  });
});

describe("a worker", () => {
  for (const file of ["worker_boot.js", "worker.js", "worker_bg.wasm"]) {
    for (const [way, answer, why] of WAYS) {
      test(`whose ${file} ${way} backs off and ends`, async () => {
        const page = await open({ routes: { [`**/${file}`]: answer }, first: watchWorkers, until: ".worker-notice", clock: true });
        await page.getByText("The simulation did not load and is loaded again").waitFor();
        await page.getByText("Not available until the simulation has loaded.").waitFor();
        await page.getByText("not checked until the simulation has loaded").waitFor();
        await typed(page, "job_name").first().waitFor();
        // Typing does not start workers.
        await type(page, "# a\n");
        // A delay begins when the failure has arrived, which takes real time.
        while ((await workers(page)) < 5) await page.clock.runFor(500);
        await page.locator(".error-report").waitFor();
        const starts = await page.evaluate(() => window.workers.map(({ at }) => at));
        for (const [at, delay] of [1_000, 2_000, 4_000, 8_000].entries()) {
          assert.ok(starts[at + 1] - starts[at] >= delay, `start ${at + 2} comes ${starts[at + 1] - starts[at]} ms after the one before`);
        }
        await panel(page).getByText("The simulation did not load. Check the network connection").waitFor();
        assert.match(await details(panel(page)), new RegExp(`${file}: .*${why.source}`));
        await page.clock.runFor(60_000);
        await type(page, "# b\n");
        assert.equal(await workers(page), 5, "it has ended");
        await page.context().unroute(`**/${file}`);
        await panel(page).getByRole("button", { name: "Try again" }).click();
        await page.clock.resume();
        await ready(page);
        assert.equal(await workers(page), 6);
        assert.equal(await page.locator(".worker-notice").count(), 0);
        await typed(page, "# b").waitFor();
        forgive(page);
      });
    }
  }

  test("starts when the network is back", async () => {
    const page = await open({ routes: { "**/worker_bg.wasm": (route) => route.abort() }, until: ".worker-notice", clock: true });
    await page.getByText("is loaded again in a few seconds").waitFor();
    await page.context().unroute("**/worker_bg.wasm");
    await page.evaluate(() => dispatchEvent(new Event("online")));
    await ready(page);
    forgive(page);
  });

  test("on a slow network is one, with one download, and is not given up", async () => {
    const downloads = [];
    const page = await open({
      first: watchWorkers, until: "html", wait: "commit",
      before: async (page) => {
        page.on("request", (request) => downloads.push(request.url().replace(/.*\//, "")));
        const network = await page.context().newCDPSession(page);
        await network.send("Network.enable");
        // 1.6 Mbit/s for a release build of 1.6 MB is 20 times that for a development build of 30 MB.
        const downloadThroughput = (20 * 1_600_000) / 8;
        await network.send("Network.emulateNetworkConditions", { offline: false, latency: 150, downloadThroughput, uploadThroughput: -1 });
      },
    });
    await ready(page);
    assert.equal(await workers(page), 1);
    for (const file of ["page_bg.wasm", "worker_bg.wasm", "worker_boot.js", "worker.js"]) {
      assert.equal(downloads.filter((name) => name === file).length, 1, file);
    }
    assert.equal(await page.locator(".error-report, .toast").count(), 0);
  });

  test("that loads for minutes is not replaced, and can be loaded again", async () => {
    const held = [];
    let hangs = true;
    const answer = (route) => (hangs ? void held.push(route) : route.continue());
    const page = await open({ routes: { "**/worker_bg.wasm": answer }, first: watchWorkers, until: ".cm-content", clock: true });
    await typed(page, "job_name").first().waitFor();
    await page.clock.runFor(10_000);
    assert.equal(await page.locator(".worker-notice").count(), 0);
    await page.clock.runFor(300_000);
    await page.getByText("The simulation is still loading.").waitFor();
    assert.equal(await workers(page), 1);
    assert.equal(held.length, 1);
    hangs = false;
    await page.getByRole("button", { name: "Load it again" }).click();
    await page.clock.resume();
    await ready(page);
    assert.equal(await workers(page), 2);
    forgive(page);
  });

  test("is one, for a visit with saved work and a link too", async () => {
    const page = await open({ first: watchWorkers });
    await type(page, "# mine\n");
    await share(page);
    await page.waitForFunction(() => location.hash.startsWith("#w="));
    await stored(page, "# mine");
    await page.reload();
    await ready(page);
    await typed(page, "# mine").waitFor();
    await settled(page);
    assert.equal(await workers(page), 1);
  });

  /** Twenty pods in a file, of which one is deleted, and a clock of ten minutes. */
  async function longWork(page) {
    const pods = Array.from({ length: 20 }, (_, at) =>
      `apiVersion: v1\nkind: Pod\nmetadata: {name: web-${at}}\nspec: {containers: [{name: web, image: nginx}]}`).join("\n---\n");
    await page.getByRole("button", { name: "New file" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("pods.yaml");
    await page.keyboard.press("Enter");
    await page.locator(".cm-content").click();
    await page.keyboard.insertText(pods);
    await settled(page);
    await page.getByRole("button", { name: "Events…" }).click();
    await page.getByLabel("What happens").selectOption({ label: "Delete a pod" });
    await page.locator(".action-form button").first().click();
    await settled(page);
    await page.keyboard.press("Escape");
    await page.getByLabel("Advance by").selectOption({ label: "10 minutes" });
    await page.locator("#tab-cluster").click();
    await page.getByText("web-19").first().waitFor();
    await clockAt(page, 600_000);
  }

  const clockAt = (page, millis) => page.waitForFunction(
    (at) => document.querySelector(".track input[type=range]").value === String(at), millis, { timeout: 30_000 });

  /** What the page says about the workspace, the time and the past. */
  async function told(page) {
    await settled(page);
    await shown(page);
    return {
      pods: await page.locator("#results").getByText(/^web-\d+$/).count(),
      problems: await page.locator(".prob").allTextContents(),
      time: await page.locator(".track input[type=range]").inputValue(),
      badge: await page.locator("#tab-targets").innerText(),
      events: await page.locator(".track .event").count(),
    };
  }

  /** Waits until the page says the same as before. */
  async function tells(page, before) {
    for (const end = Date.now() + 20_000; ;) {
      const now = await told(page);
      if (isDeepStrictEqual(now, before)) return;
      if (Date.now() > end) assert.deepEqual(now, before);
    }
  }

  test("that was replaced is followed by one that knows the whole workspace, the time and the past", async () => {
    const page = await open({ at: "?debug", first: watchWorkers });
    await longWork(page);
    const before = await told(page);
    assert.equal(before.pods >= 20, true, JSON.stringify(before));
    assert.equal(before.events, 1, JSON.stringify(before));
    for (const round of [1, 2]) {
      await page.getByRole("button", { name: "Help", exact: true }).click();
      await page.getByRole("button", { name: "never ends" }).click();
      await page.getByLabel("Close", { exact: true }).click();
      await page.waitForFunction((count) => window.workers.length === count, round + 1, { timeout: 20_000 });
      await tells(page, before);
      // The first request is the largest: all files come before anything else.
      const sizes = await page.evaluate(() => window.workers.at(-1).worker.sizes);
      assert.equal(sizes[0], Math.max(...sizes));
    }
  });

  test("that was given up is followed by one that knows them, after a change of one file", async () => {
    const page = await open({ first: watchWorkers });
    await longWork(page);
    const before = await told(page);
    await page.getByRole("tab", { name: "proxy.yaml" }).click();
    // In one piece: the report of the failure takes the focus from someone who types.
    const insert = async (text) => {
      await page.locator(".cm-content").focus();
      await page.keyboard.press("Control+Home");
      await page.keyboard.insertText(text);
    };
    await page.evaluate(breakRequests);
    await page.evaluate(() => { window.broken = () => true; });
    await insert("# a\n");
    const stopped = panel(page, "Something went wrong here");
    await stopped.getByText(/stopped again after a restart/).waitFor();
    await stopped.getByRole("button", { name: "Close" }).click();
    const started = await workers(page);
    await page.evaluate(() => { window.broken = () => false; });
    await insert("# b\n");
    await page.waitForFunction((count) => window.workers.length === count + 1, started);
    await tells(page, before);
    forgive(page);
  });

  test("that fails while it restores a long past is followed by one that reaches the same time", async () => {
    const page = await open({ at: "?debug", first: watchWorkers });
    await replace(page, "scrape_interval: 15s", "scrape_interval: 1s");
    await page.getByLabel("Advance by").selectOption({ label: "6 hours" });
    await clockAt(page, 6 * 3_600_000);
    await settled(page);
    await page.evaluate(breakRequests);
    // The request after those that open the workspace and its page continues the way to the old time.
    await page.evaluate(() => { window.broken = (worker) => worker === window.workers[1].worker && worker.posted === 3; });
    await page.getByRole("button", { name: "Help", exact: true }).click();
    await page.getByRole("button", { name: "never ends" }).click();
    await page.getByLabel("Close", { exact: true }).click();
    await page.waitForFunction(() => window.workers.length === 3, null, { timeout: 20_000 });
    await settled(page);
    await clockAt(page, 6 * 3_600_000);
    assert.equal(await workers(page), 3);
    forgive(page);
  });
});

describe("parts of two builds", () => {
  const OTHER = "0123456789ab";
  const stamped = (file) => async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    const id = /const build = "(\w+)"/.exec(readFileSync(join(DIST, "worker.js"), "utf8"))[1];
    const text = body.toString("latin1").replaceAll(id, OTHER);
    assert.notEqual(text, body.toString("latin1"), `${file} has the id of its build`);
    await route.fulfill({ response, body: Buffer.from(text, "latin1") });
  };

  for (const file of ["page.js", "page_bg.wasm", "worker_boot.js", "worker.js", "worker_bg.wasm"]) {
    test(`are not joined: ${file}`, async () => {
      const page = await open({ routes: { [`**/${file}`]: stamped(file) }, first: watchWorkers, until: ".error-report" });
      const dialog = panel(page, "A new version of the page is available");
      assert.match(await details(dialog), new RegExp(`${file} is of the build ${OTHER}`));
      if (file.startsWith("worker")) {
        await type(page, "# kept\n");
        await stored(page, "# kept");
        assert.deepEqual(await page.evaluate(() => window.workers.flatMap(({ worker }) => worker.sizes)), [], "nothing was sent");
        assert.equal(await workers(page), 1);
      }
      await page.context().unroute(`**/${file}`);
      await dialog.getByRole("button", { name: "Reload to use it" }).click();
      await ready(page);
      if (file.startsWith("worker")) await typed(page, "# kept").waitFor();
      forgive(page);
    });
  }

  test("are not requested: a file is missing because the server has another build", async () => {
    const page = await open({
      routes: {
        "**/worker_bg.wasm": (route) => route.fulfill({ status: 404, body: "" }),
        "**/?build": async (route) => {
          const response = await route.fetch();
          const body = (await response.text()).replace('content="development"', `content="${OTHER}"`);
          await route.fulfill({ response, body });
        },
      },
      first: watchWorkers, until: ".error-report",
    });
    assert.match(await details(panel(page, "A new version of the page is available")), new RegExp(`the server has the build ${OTHER}`));
    await page.getByText("Reload the page to continue; your files are kept.").waitFor();
    assert.equal(await workers(page), 1);
    forgive(page);
  });
});

describe("a request", () => {
  /** Before all scripts: answers of the worker wait in `held` while it is a list. */
  function holdAnswers() {
    const Plain = window.Worker;
    window.Worker = class extends Plain {
      constructor(...all) {
        super(...all);
        this.addEventListener("message", (event) => {
          if (!window.held || !(event.data instanceof Uint8Array) || event.again) return;
          event.stopImmediatePropagation();
          window.held.push(() => {
            const again = new MessageEvent("message", { data: event.data });
            again.again = true;
            this.dispatchEvent(again);
          });
        });
      }
    };
  }

  test("does not stand in the way of a fast change of pages: A, B, A while it is on its way", async () => {
    const page = await open({ first: holdAnswers });
    await editorComplete(page);
    await page.locator("#tab-targets").click();
    await page.getByText("Expected targets").waitFor();
    await settled(page);
    await page.evaluate(() => { window.held = []; });
    // A question of the editor, whose answer has nothing to do with the page.
    await page.locator(".cm-content").first().focus();
    await page.keyboard.press("Control+Space");
    await page.waitForFunction(() => window.held.length > 0);
    await page.locator("#tab-cluster").click();
    await page.locator("#tab-targets").click();
    // The request for Cluster was not sent, so that for the worker the page never changed.
    await page.evaluate(() => {
      const held = window.held;
      window.held = undefined;
      held.forEach((answer) => answer());
    });
    await shown(page);
    await page.getByText("Expected targets").waitFor();
  });

  test("for completions is answered if the worker was given up, and a change starts it again", async () => {
    const page = await open({ at: "?debug", first: watchWorkers });
    await page.waitForFunction(() => document.documentElement.dataset.editor === "complete");
    // Every request that changes the session fails, as far as the page can see.
    await page.evaluate(breakRequests);
    await page.evaluate(() => { window.broken = () => true; });
    await type(page, "# a\n");
    await panel(page, "Something went wrong here").getByText(/stopped again after a restart/).waitFor();
    await panel(page, "Something went wrong here").getByRole("button", { name: "Close" }).click();
    await page.getByText("The simulation is stopped.").waitFor();
    assert.equal(await workers(page), 2);
    await settled(page);
    // Another page and a question of the editor do not wait.
    await page.locator("#tab-query").click();
    await page.getByText("Not available while the simulation is stopped.").waitFor();
    await page.locator(".cm-content").first().focus();
    await page.keyboard.press("Control+Space");
    await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve, { timeout: 1_000 })));
    assert.equal(await page.locator(".cm-tooltip-autocomplete").count(), 0);
    assert.equal(await workers(page), 2);
    await page.evaluate(() => { window.broken = () => false; });
    await type(page, "# b\n");
    await page.locator(".query-input").waitFor();
    await settled(page);
    assert.equal(await page.locator(".worker-notice").count(), 0);
    forgive(page);
  });
});

test("no script makes a synchronous request", () => {
  const scripts = readdirSync(DIST, { recursive: true }).filter((name) => extname(name) === ".js");
  assert.ok(scripts.length >= 8, scripts.join());
  for (const name of scripts) {
    // wasm-bindgen exports a function that takes a module which is there already; nothing calls it.
    const source = readFileSync(join(DIST, name), "utf8").replace(/(function |`)initSync\(/g, "");
    const found = /XMLHttpRequest|importScripts|initSync\(/.exec(source);
    assert.equal(found, null, `${name}: ${found?.[0]}`);
  }
});
