// Every page of the program, found by following links from the first one on, as nobody in
// particular and as each officer: valid HTML, axe in both languages, no page wider than its window
// from 320 px to a desk and at 200 % zoom, and the budget of what everybody may read.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";

import { HtmlValidate } from "html-validate";

import { assertAccessible, openBrowser, openPage, startSite } from "./harness.mjs";

/** Widths in CSS pixels: the smallest window, a phone, a desk at 200 % zoom, a tablet, a desk. */
const WIDTHS = [320, 360, 640, 768, 1280];

/** The most bytes that a page for everybody may bring, compressed. */
const BUDGET = { html: 14 * 1024, css: 16 * 1024, all: 35 * 1024, requests: 3 };

/** Pages that are as long as somebody asks for, on purpose. */
const LONG = [];

/** The one page that carries a script: it checks receipts (checker.test.mjs). */
const SCRIPTED = ["/kiem-tra"];

/** How many pages of one kind are read; one of them is looked at in the browser. */
const SAMPLES = 3;

/** Who walks, and from where. */
const WALKS = {
  everybody: { from: ["/", "/xa-mau", "/xa-vi-du", "/tinh-lich-tra", "/tro-giup/thanh-phan"] },
  thuquy: { from: ["/ban/viec"], pages: /^\/ban\b/ },
  chutich: { from: ["/ban/viec"], pages: /^\/ban\b/ },
};

const rules = {
  extends: ["html-validate:standard"],
  rules: {
    // What minijinja leaves between tags is nobody's concern.
    "no-trailing-whitespace": "off",
    // Void elements are written as HTML does; `<!DOCTYPE html>` as everybody does.
    "doctype-style": "off",
    // `role="list"` and the like are axe's to judge.
    "no-redundant-role": "off",
    "prefer-native-element": "off",
    // A long page may have a long title.
    "long-title": "off",
    // The rows of a table of fields share their names, and a form may have two buttons of one name.
    "form-dup-name": "off",
  },
};

const validator = new HtmlValidate(rules);

let folder;
let site;
let browser;
let officers;
const walked = {};

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "minhbach-every-page-"));
  const args = ["--today", "2026-11-22", "--seed", "7"];
  site = await startSite({ command: "demo", args, data: path.join(folder, "data") });
  officers = Object.fromEntries(
    [...site.output().matchAll(/^\s*([a-z-]+)\s+(.+?)\s{2,}(.+)$/gm)].map(([, name, pass]) => [name, pass]),
  );
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await site?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** What pages of one kind have in common: a path without its numbers, codes and days. */
function kind(url) {
  const parts = url.pathname.split("/").map((part, at, all) => {
    if (/^[0-9]/.test(part) && part.length < 24) return "1";
    if (/^[0-9a-f-]{36}$/.test(part)) return "id";
    if (["bn", "do-dau"].includes(all[at - 1]) && all.length > 2 && all[1] !== "ban") return "code";
    if (["quy", "hoat-dong", "phan-anh"].includes(all[at - 1])) return "own";
    if (all[1] === "ban" && ["so-quy", "kho"].includes(all[at - 1])) return "place";
    return at === 1 && ["xa-mau", "xa-vi-du"].includes(part) ? "chapter" : part;
  });
  const asked = [...new Set(url.searchParams.keys())].filter((name) => name !== "lang").sort();
  return parts.join("/") + (asked.length ? `?${asked.join("&")}` : "");
}

/** Follows links from some pages on. Gives pages by kind: path, status, type, body. */
async function walk(cookie, from, pages = /^\/(?!ban\b|public\b|dang-xuat)/) {
  const found = new Map();
  const seen = new Set(from);
  const faults = [];
  for (const at of seen) {
    const url = new URL(at, site.url);
    const own = kind(url);
    const all = found.get(own) ?? [];
    if (all.length >= SAMPLES) continue;
    const answer = await fetch(url, { headers: { cookie }, redirect: "manual" });
    const type = answer.headers.get("content-type") ?? "";
    const body = await answer.text();
    if (answer.status >= 400) faults.push(`${at}: ${answer.status}`);
    found.set(own, [...all, { at, status: answer.status, type, body }]);
    const location = answer.headers.get("location");
    if (location) seen.add(location.replace(site.url, ""));
    if (!type.startsWith("text/html")) continue;
    for (const [, href] of body.matchAll(/\s(?:href|src)="([^"#]+)/g)) {
      const to = new URL(href.replaceAll("&amp;", "&"), url);
      if (to.origin === new URL(site.url).origin && pages.test(to.pathname)) {
        to.searchParams.delete("lang");
        seen.add(to.pathname + to.search);
      }
    }
  }
  assert.deepEqual(faults, []);
  return found;
}

/** The cookies of an officer who signs in. */
async function signIn(name) {
  const page = await openPage(browser, { width: 1280, site });
  await page.goto("/dang-nhap");
  await page.locator("main select").selectOption({ label: "Hội Chữ thập đỏ Xã Mẫu (ví dụ)" });
  await page.fill("main [name=name]", name);
  await page.fill("main [name=passphrase]", officers[name]);
  await page.locator("main form button").first().click();
  await page.waitForURL(/\/ban\/viec/);
  const cookies = await page.context().cookies();
  await page.context().close();
  return cookies;
}

/** The pages of a walk in HTML, one of each kind. */
function pages(found) {
  return [...found.values()]
    .map((all) => all.find(({ status, type }) => status === 200 && type.startsWith("text/html")))
    .filter(Boolean);
}

/** What html-validate says of a page. */
async function assertValid(body, where) {
  const report = await validator.validateString(body, where);
  const lines = report.results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message, line, column }) => `${where}:${line}:${column} ${ruleId}: ${message}`),
  );
  assert.equal(lines.length, 0, lines.slice(0, 20).join("\n"));
}

/** Looks at a page in the browser: what axe says, and whether it fits at every width. */
async function look(page, at) {
  const answer = await page.goto(at);
  assert.equal(answer.status(), 200, at);
  await assertAccessible(page);
  const wide = [];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 740 });
    const [inner, outer] = await page.evaluate(() => {
      const root = document.documentElement;
      return [root.scrollWidth, root.clientWidth];
    });
    if (inner > outer) wide.push(`${at} is ${inner} px wide in a window of ${outer} px`);
  }
  assert.equal(wide.length, 0, wide.join("\n"));
}

/** Collects what went wrong on many pages, and fails once with all of it. */
async function each(all, check) {
  const faults = [];
  for (const one of all) {
    try {
      await check(one);
    } catch (fault) {
      faults.push(fault.message);
    }
  }
  assert.equal(faults.length, 0, `${faults.length} of ${all.length}:\n${faults.join("\n")}`);
}

for (const [name, { from, pages: own }] of Object.entries(WALKS)) {
  test(`every page is valid, accessible and fits: ${name}`, async () => {
    const cookies = name === "everybody" ? [] : await signIn(name);
    const cookie = cookies.map((one) => `${one.name}=${one.value}`).join("; ");
    const found = await walk(cookie, from, own);
    const known = new Set(Object.values(walked).flatMap((own) => [...own.keys()]));
    walked[name] = found;
    // What another officer saw is looked at once.
    const all = pages(new Map([...found].filter(([own]) => !known.has(own))));
    assert.ok(found.size >= 25, `${found.size} kinds of pages`);
    for (const language of ["vi", "en"]) {
      await each(all, async ({ at }) => {
        const headers = { cookie: `${cookie}; lang=${language}` };
        const answer = await fetch(new URL(at, site.url), { headers });
        const body = await answer.text();
        assert.match(body, new RegExp(`<html[^>]* lang="${language}"`), `${at} is not in ${language}`);
        await assertValid(body, `${at} (${language})`);
      });
      // The desk is looked at in the language of its officers.
      if (name !== "everybody" && language !== "vi") continue;
      const page = await openPage(browser, { width: 360, site });
      await page.context().addCookies([...cookies, { name: "lang", value: language, url: site.url }]);
      await each(all, ({ at }) => look(page, at));
      assert.deepEqual(page.strangers, []);
      assert.deepEqual(page.faults, []);
      await page.context().close();
    }
  });
}

test("a page for everybody is light: bytes, requests, no script, no font", async () => {
  const page = await openPage(browser, { width: 360, site });
  await each(pages(walked.everybody), async ({ at, body }) => {
    const html = gzipSync(body, { level: 9 }).length;
    assert.ok(html <= BUDGET.html || LONG.includes(at), `${at}: ${html} bytes of HTML, compressed`);
    const scripts = [...body.matchAll(/<script/gi)].length;
    assert.equal(scripts, SCRIPTED.includes(at) ? 1 : 0, at);
    assert.doesNotMatch(body, /\son[a-z]+="|\sstyle="|javascript:/i, at);
    const files = [];
    const note = (request) => files.push(request);
    page.on("requestfinished", note);
    await page.goto(at, { waitUntil: "networkidle" });
    page.off("requestfinished", note);
    const sizes = await Promise.all(
      files.map(async (request) => {
        const own = await (await request.response()).body();
        const size = gzipSync(own, { level: 9 }).length;
        if (request.resourceType() === "stylesheet") assert.ok(size <= BUDGET.css, `${at}: ${size} of CSS`);
        return size;
      }),
    );
    const kinds = files.map((request) => request.resourceType());
    assert.ok(!kinds.includes("font") && !kinds.includes("script"), `${at}: ${kinds}`);
    assert.ok(files.length <= BUDGET.requests, `${at}: ${files.map((own) => own.url())}`);
    const sum = sizes.reduce((left, right) => left + right, 0);
    assert.ok(sum <= BUDGET.all, `${at}: ${sum} bytes in all`);
  });
  await page.context().close();
});

test("an unchanged page is not sent twice, and files that styles need stay for ever", async () => {
  const first = await fetch(new URL("/xa-mau", site.url));
  const sheet = (await first.text()).match(/href="(\/public\/[^"]+\.css)"/)[1];
  const answer = await fetch(new URL(sheet, site.url));
  assert.match(answer.headers.get("cache-control"), /immutable/);
  await answer.arrayBuffer();
});
