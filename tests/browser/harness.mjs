// What every journey needs: the built program on a folder and port of its own, a page as a phone
// and a desk see it, axe, and pictures. Nothing here knows a page of ours.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import axe from "axe-core";
import { chromium } from "playwright-core";

const here = path.dirname(fileURLToPath(import.meta.url));

/** Widths that every page must be right at, in CSS pixels: the smallest phone we serve, and a desk. */
export const WIDTHS = { phone: 360, desk: 1280 };

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A port of the loopback that is free now. */
export async function freePort() {
  const probe = createServer();
  await new Promise((resolve, reject) => {
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", resolve);
  });
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/**
 * Starts the program and waits until `/healthz` answers 200.
 *
 * `command` is its first argument (`serve`, or `demo` for a chapter with a history), `args` are
 * further ones, `data` a folder to use (default: a new one, removed by `stop`). Rocket is told its
 * address by the environment. Fails with what the program wrote if it ends or is not up in
 * `seconds`.
 */
export async function startSite(options = {}) {
  const {
    binary = process.env.MINHBACH_BIN ?? path.resolve(here, "../../target/debug/minhbach"),
    command = "serve",
    args = [],
    env = {},
    seconds = 300,
  } = options;
  const own = options.data === undefined;
  const data = options.data ?? (await mkdtemp(path.join(tmpdir(), "minhbach-browser-")));
  const port = await freePort();
  const child = spawn(binary, [command, "--data", data, ...args], {
    env: { ...process.env, ROCKET_ADDRESS: "127.0.0.1", ROCKET_PORT: String(port), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text) => (output = (output + text).slice(-2_000_000)));
  }
  const site = { binary, url: `http://127.0.0.1:${port}`, data, pid: child.pid, output: () => output };
  let end = null;
  const ended = new Promise((resolve) => {
    child.once("error", (fault) => resolve((end = { code: null, signal: null, fault })));
    child.once("close", (code, signal) => resolve((end = { code, signal })));
  });
  const orphan = () => child.kill("SIGKILL");
  process.once("exit", orphan);
  site.stop = async (signal = "SIGTERM") => {
    if (!end) child.kill(signal);
    const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await ended;
    clearTimeout(late);
    process.off("exit", orphan);
    if (own) await rm(data, { recursive: true, force: true });
    return end;
  };
  const deadline = Date.now() + seconds * 1000;
  while (!(await answers(`${site.url}/healthz`))) {
    if (end || Date.now() > deadline) {
      const why = end ? `ended (${JSON.stringify(end)})` : `was not up in ${seconds} s`;
      await site.stop("SIGKILL");
      throw new Error(`${binary} ${why}: ${end?.fault?.message ?? ""}\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return site;
}

async function answers(url) {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await answer.arrayBuffer();
    return answer.status === 200;
  } catch {
    return false;
  }
}

/** Debian's Chromium, without a window. */
export function openBrowser() {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

/**
 * A new page of `width`, in a context of its own. `page.strangers` lists requests that left for
 * another origin (they are cut off: pages of ours need nobody), `page.faults` what went wrong in
 * the page's console. `context` is for Playwright's own options, e.g. `javaScriptEnabled: false`.
 */
export async function openPage(browser, { width = WIDTHS.phone, site, context = {} } = {}) {
  const room = await browser.newContext({
    viewport: { width, height: width < 600 ? 740 : 900 },
    locale: "vi-VN",
    timezoneId: "Asia/Ho_Chi_Minh",
    baseURL: site?.url,
    reducedMotion: "reduce",
    ...context,
  });
  const page = await room.newPage();
  page.setDefaultTimeout(30_000);
  page.strangers = [];
  page.faults = [];
  await room.route("**/*", (route) => {
    const url = new URL(route.request().url());
    if (!/^https?:$/.test(url.protocol) || url.origin === site?.url) return route.continue();
    page.strangers.push(url.href);
    return route.abort();
  });
  page.on("pageerror", (fault) => page.faults.push(String(fault)));
  page.on("console", (line) => line.type() === "error" && page.faults.push(line.text()));
  return page;
}

/** Runs `journey` with a page at each of our widths, and closes it. */
export async function atEachWidth(browser, options, journey) {
  for (const width of Object.values(WIDTHS)) {
    const page = await openPage(browser, { ...options, width });
    try {
      await journey(page, width);
    } finally {
      await page.context().close();
    }
  }
}

/** What axe is asked: the rules of WCAG 2.2 AA and its best practices. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/**
 * What axe finds on the page: rule, help and where. It runs in the page itself, as no page of ours
 * has a frame. Without `colours` the contrast is not measured, which takes most of the time.
 */
export async function accessibilityFaults(page, { colours = true } = {}) {
  await page.evaluate(axe.source);
  return page.evaluate(
    async ([values, enabled]) => {
      const { violations } = await window.axe.run(document, {
        runOnly: { type: "tag", values },
        resultTypes: ["violations"],
        rules: { "color-contrast": { enabled } },
      });
      return violations.map(({ id, help, nodes }) => ({
        id,
        help,
        where: nodes.map((node) => node.target.join(" ")),
      }));
    },
    [RULES, colours],
  );
}

/** Fails with every fault that axe finds on the page. */
export async function assertAccessible(page, options) {
  const faults = await accessibilityFaults(page, options);
  const lines = faults.map(({ id, help, where }) => `${id}: ${help}\n    ${where.join("\n    ")}`);
  assert.equal(faults.length, 0, `${page.url()}\n${lines.join("\n")}`);
}

/** Fails if the page is wider than its window: nobody reads an account by scrolling sideways. */
export async function assertFits(page) {
  const [inner, outer] = await page.evaluate(() => {
    const root = document.documentElement;
    return [root.scrollWidth, root.clientWidth];
  });
  assert.ok(inner <= outer, `${page.url()} is ${inner} px wide in a window of ${outer} px`);
}

/** Fails if the page is wider than its window at any width from the smallest phone to a desk. */
export async function assertFitsEverywhere(page) {
  const before = page.viewportSize();
  for (const width of [320, ...Object.values(WIDTHS)]) {
    await page.setViewportSize({ width, height: before.height });
    await assertFits(page);
  }
  await page.setViewportSize(before);
}

/** Saves the whole page as `screenshots/<name>-<width>.png` and gives the path. */
export async function picture(page, name) {
  const folder = process.env.MINHBACH_SCREENSHOTS ?? path.join(here, "screenshots");
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, `${name}-${page.viewportSize().width}.png`);
  await page.screenshot({ path: file, fullPage: true });
  return file;
}
