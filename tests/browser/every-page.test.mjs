// Every page of the program, found by following links from the first one on, as nobody in
// particular and as each officer: valid HTML, axe in both languages, no page wider than its window
// from 320 px to a desk and at 200 % zoom, and the budget of what everybody may read. What no link
// leads to is named, with the reason.

import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
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

/** Pages that are looked at side by side: as many as the smallest machine has cores. */
const SIDE_BY_SIDE = 2;

/** Who walks, and from where; what is begun before adds to it. */
const WALKS = {
  everybody: ["/", "/xa-mau", "/xa-vi-du", "/tinh-lich-tra", "/tro-giup/thanh-phan",
    "/api/v1/chapters", "/api/v1/chapters/xa-mau/entries", "/api/v1/chapters/xa-mau/funds",
    "/api/v1/chapters/xa-mau/loans", "/api/v1/chapters/xa-mau/statements",
    "/api/v1/chapters/xa-mau/funds/tet-am", "/api/v1/chapters/xa-mau/stock", "/api/v1/chapters/xa-mau/checkpoint"],
  thuquy: ["/ban/viec", "/ban/dong-ho"],
  chutich: ["/ban/viec"],
  kiemtra: ["/ban/viec"],
  chinhsach: ["/ban/viec"],
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

const here = path.dirname(fileURLToPath(import.meta.url));

let folder;
let site;
let browser;
let officers;
/** The kind of the voucher behind each number of the ledger. */
const vouchers = new Map();
const walked = {};

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "minhbach-every-page-"));
  const args = ["--today", "2026-11-22", "--seed", "7"];
  site = await startSite({ command: "demo", args, data: path.join(folder, "data") });
  officers = Object.fromEntries(
    [...site.output().matchAll(/^\s*([a-z-]+)\s+(.+?)\s{2,}(.+)$/gm)].map(([, name, pass]) => [name, pass]),
  );
  browser = await openBrowser();
  await beginWork(await signIn("thuquy"));
  await printed();
  await numbered();
});

after(async () => {
  await browser?.close();
  await site?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** What pages of one kind have in common: a path without its numbers, codes and days. */
function kind(url) {
  const parts = url.pathname.split("/").map((part, at, all) => {
    // Each kind of voucher has members of its own on its page.
    if (["so", "but-toan"].includes(all[at - 1]) && vouchers.has(part)) return vouchers.get(part);
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

/** Pages that the demonstration names when it starts, as no other page leads there. */
async function printed() {
  const paths = [...site.output().matchAll(/: (\/(?:bn|do-dau|phan-anh)\/\S+)/g)].map(([, own]) => own);
  assert.equal(paths.length, 3, site.output());
  WALKS.everybody.push(...paths);
}

/** The newest entry of each kind, for everybody and for the desk. */
async function numbered() {
  const answer = await fetch(new URL("/xa-mau/entries.jsonl", site.url));
  const newest = new Map();
  for (const line of (await answer.text()).trimEnd().split("\n")) {
    const { seq, voucher } = JSON.parse(line);
    vouchers.set(String(seq), voucher.kind);
    newest.set(voucher.kind, seq);
  }
  assert.ok(newest.size >= 35, `${newest.size} kinds of vouchers`);
  for (const seq of newest.values()) {
    WALKS.everybody.push(`/xa-mau/so/${seq}`);
    WALKS.thuquy.push(`/ban/but-toan/${seq}`);
  }
}

/** Follows links from some pages on, to paths that match `pages`. Gives pages by kind: path, status, type, body. */
async function walk(cookie, from, pages) {
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
    const links = type.startsWith("text/html") ? /\s(?:href|src)="([^"#]+)/g : /"(\/api\/v1\/[^"{]+)"/g;
    if (!/^(text\/html|application\/json)/.test(type)) continue;
    for (const [, href] of body.matchAll(links)) {
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

/** Looks at a page in the browser: what axe says, and whether it fits at every width. Colours are
 * the same in both languages. */
async function look(page, at, language) {
  const answer = await page.goto(at);
  assert.equal(answer.status(), 200, at);
  await assertAccessible(page, { colours: language === "vi" });
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

/** Collects what went wrong on many pages, some of them side by side, and fails once with all. */
async function each(all, rooms, check) {
  const faults = [];
  const rest = [...all];
  const work = async (room) => {
    for (let one = rest.shift(); one; one = rest.shift()) {
      try {
        await check(one, room);
      } catch (fault) {
        faults.push(fault.message);
      }
    }
  };
  await Promise.all(rooms.map(work));
  assert.equal(faults.length, 0, `${faults.length} of ${all.length}:\n${faults.join("\n")}`);
}

/** Pages of a browser in one language, for somebody with these cookies. */
async function openRooms(cookies, language) {
  const rooms = [];
  while (rooms.length < SIDE_BY_SIDE) {
    const page = await openPage(browser, { width: 360, site });
    await page.context().addCookies([...cookies, { name: "lang", value: language, url: site.url }]);
    rooms.push(page);
  }
  return rooms;
}

/** Begins what the demonstration has not under way: files that wait, and an invitation. */
async function beginWork(cookies) {
  const page = await openPage(browser, { width: 1280, site });
  await page.context().addCookies(cookies);
  const press = (button) => Promise.all([page.waitForNavigation(), page.click(button)]);
  const upload = async (from, file) => {
    await page.goto(from);
    await page.setInputFiles("[name=file]", path.resolve(here, "..", file));
    for (const list of await page.locator("main form[enctype] select").all()) {
      await list.selectOption({ index: 1 });
    }
    await press("main form[enctype] button[type=submit]");
    assert.match(page.url(), /\/cot$/);
  };
  const begun = [];
  for (const [from, file] of [
    ["/ban/nhap-tep", "statements/small-utf8.csv"], ["/ban/nhap-so-ho", "families/list.xlsx"],
  ]) {
    await upload(from, file);
    begun.push(page.url());
    await press("button[name=step][value=next], main form button.govuk-button");
    begun.push(page.url());
  }
  await page.goto("/ban/quan-tri/them-can-bo");
  await page.fill("main [name=title]", "Thủ quỹ thứ hai");
  await page.locator("main [name='roles[]'], main [name=roles]").first().check();
  await press("main form button.govuk-button");
  if (!/loi-moi/.test(page.url())) await press("main form button.govuk-button");
  assert.match(page.url(), /\/ban\/quan-tri\/loi-moi\//);
  begun.push(page.url().split("?")[0]);
  await press("main form[action$='/duong-dan'] button");
  WALKS.thuquy.push(...begun.map((url) => url.replace(site.url, "")));
  WALKS.everybody.push(new URL(await page.getAttribute(".mb-code a", "href")).pathname);
  await page.context().close();
}

for (const [name, from] of Object.entries(WALKS)) {
  test(`every page is valid, accessible and fits: ${name}`, async () => {
    const cookies = name === "everybody" ? [] : await signIn(name);
    const cookie = cookies.map((one) => `${one.name}=${one.value}`).join("; ");
    const own = name === "everybody" ? /^\/(?!ban\b|public\b|dang-xuat)/ : /^\/ban\b/;
    const found = await walk(cookie, from, own);
    const known = new Set(Object.values(walked).flatMap((own) => [...own.keys()]));
    walked[name] = found;
    // What another officer saw is looked at once.
    const all = pages(new Map([...found].filter(([own]) => !known.has(own))));
    assert.ok(found.size >= 25, `${found.size} kinds of pages`);
    for (const language of ["vi", "en"]) {
      const rooms = await openRooms(cookies, language);
      await each(all, rooms, async ({ at }, page) => {
        const headers = { cookie: `${cookie}; lang=${language}` };
        const answer = await fetch(new URL(at, site.url), { headers });
        const body = await answer.text();
        assert.match(body, new RegExp(`<html[^>]* lang="${language}"`), `${at} is not in ${language}`);
        await assertValid(body, `${at} (${language})`);
        await look(page, at, language);
      });
      for (const page of rooms) {
        assert.deepEqual(page.strangers, []);
        assert.deepEqual(page.faults, []);
        await page.context().close();
      }
    }
  });
}

/** The paths of all GET routes, as the source of the site has them. */
async function routes() {
  const folder = path.resolve(here, "../../src/web");
  const names = await readdir(folder, { recursive: true });
  const texts = names
    .filter((name) => name.endsWith(".rs") && !/(^|\/)tests?(\/|\.rs$)/.test(name))
    .map((name) => readFile(path.join(folder, name), "utf8"));
  const source = (await Promise.all(texts)).map((text) => text.split("#[cfg(test)]")[0]).join("\n");
  const own = [...source.matchAll(/#\[get\(\s*"([^"]+)"|"(\/ban\/[^"]+\?<so>)"/g)];
  return [...new Set(own.map(([, get, slip]) => (get ?? slip).split("?")[0]))];
}

/** Routes that no page of the demonstration links to, and why. */
const NOT_LINKED = {
  "/healthz": "for whoever runs the server",
  "/readyz": "for whoever runs the server",
  "/metrics": "for whoever runs the server, on a port of its own",
  "/public/<hash>/<name>": "styles and pictures, which pages bring along",
  "/<chapter>/tile/<_..>": "for verifiers, which know the path",
  "/<chapter>/checkpoints/<size>": "for verifiers, which know the path",
  "/<chapter>/cosigned": "no witness cosigned the demonstration; for verifiers",
  "/nhan-chung/<hash>/checkpoint": "no ledger is witnessed here; tested in Rust",
  "/nhan-chung/bang-chung/<digest>": "no fork was seen; tested in Rust",
  "/<chapter>/<generation>": "no ledger of the demonstration goes on in another one",
  "/api/v1/<_..>": "answers what the API has not",
  "/thiet-lap": "the chapters are there; walked in journey.test.mjs",
  "/thiet-lap/<secret>": "the chapters are there; walked in journey.test.mjs",
  "/ban/do-dau/<id>/phieu-chi": "all was handed over; walked in sponsor.test.mjs",
  "/ban/do-dau/den-han/phieu-chi/<fund>": "all was handed over; walked in sponsor.test.mjs",
  "/ban/vay/<id>/ket-thuc": "no application waits; walked in loans.test.mjs",
  "/ban/vay/<id>/tham-dinh": "no application waits; walked in loans.test.mjs",
  "/ban/vay/<id>/phuong-an": "no application waits; walked in loans.test.mjs",
  "/ban/dot-cap-phat/<id>/vang-mat": "no round is on its way; walked in goods.test.mjs",
  "/ban/nhap-tep/<id>/dang-ghi": "no file is being recorded; walked in import.test.mjs",
  "/ban/nhap-tep/<id>/xong": "no file was booked; walked in import.test.mjs",
  "/ban/nhap-so-ho/<id>/xong": "no list was entered; walked in families.test.mjs",
  "/ban/quan-tri/tai-khoan/hai-buoc/ma": "no officer has codes; walked in second-step.test.mjs",
  "/dang-nhap/ma": "no officer has codes; walked in second-step.test.mjs",
  "/dang-nhap/bat": "codes are not required; walked in second-step.test.mjs",
  "/dang-nhap/lai/<secret>": "nobody lost a phone; walked in second-step.test.mjs",
};

test("every route has a page that was walked, or a reason why no link leads there", async () => {
  const all = await routes();
  assert.ok(all.length > 150, `${all.length} routes`);
  const patterns = all.map((route) => {
    const parts = route.split("/").map((part) => {
      if (/^<.*\.\.>$/.test(part)) return ".+";
      return part.startsWith("<") ? "[^/]+" : part.replaceAll(".", "\\.");
    });
    const free = (route.match(/</g) ?? []).length + (route.includes("..>") ? 10 : 0);
    return { route, free, pattern: new RegExp(`^${parts.join("/")}$`) };
  });
  // A path belongs to the route with the fewest open parts.
  patterns.sort((left, right) => left.free - right.free);
  const seen = new Set();
  for (const found of Object.values(walked)) {
    for (const { at } of [...found.values()].flat()) {
      const { pathname } = new URL(at, site.url);
      seen.add(patterns.find(({ pattern }) => pattern.test(pathname))?.route);
    }
  }
  const missing = all.filter((route) => !seen.has(route)).sort();
  assert.deepEqual(missing, Object.keys(NOT_LINKED).sort());
});

test("a page for everybody is light: bytes, requests, no script, no font", async () => {
  const page = await openPage(browser, { width: 360, site });
  await each(pages(walked.everybody), [page], async ({ at, body }) => {
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
