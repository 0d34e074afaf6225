// The harness itself: each helper must be able to say no.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { access, chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";

import {
  WIDTHS,
  accessibilityFaults,
  assertAccessible,
  assertFits,
  atEachWidth,
  openBrowser,
  openPage,
  picture,
  startSite,
} from "./harness.mjs";

const html = (body) =>
  "data:text/html;charset=utf-8," +
  encodeURIComponent(
    `<!doctype html><html lang="vi"><head><title>Sổ quỹ</title>` +
      `<meta name="viewport" content="width=device-width"></head><body><main>${body}</main></body></html>`,
  );

describe("a page in Chromium", () => {
  let browser;
  before(async () => (browser = await openBrowser()));
  after(() => browser?.close());

  test("is accepted by axe when nothing is wrong with it, at each width", async () => {
    const seen = [];
    await atEachWidth(browser, {}, async (page, width) => {
      await page.goto(html("<h1>Sổ quỹ</h1><p>Tồn quỹ: 1.500.000 ₫</p>"));
      await assertAccessible(page);
      await assertFits(page);
      seen.push([width, await page.evaluate(() => window.innerWidth)]);
    });
    assert.deepEqual(seen, [[360, 360], [1280, 1280]]);
  });

  test("is refused by axe for a picture without words and for pale text", async () => {
    const page = await openPage(browser);
    const pixel = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";
    await page.goto(
      html(`<h1>Sổ</h1><img src="${pixel}"><p style="color:#bbb;background:#fff">Nhạt</p>`),
    );
    const rules = (await accessibilityFaults(page)).map((fault) => fault.id).sort();
    assert.deepEqual(rules, ["color-contrast", "image-alt"]);
    await assert.rejects(assertAccessible(page), /image-alt.*\n\s+img/);
    await page.context().close();
  });

  test("that is wider than a phone is refused", async () => {
    const page = await openPage(browser, { width: WIDTHS.phone });
    await page.goto(html(`<h1>Sổ</h1><div style="width:500px">rộng</div>`));
    await assert.rejects(assertFits(page), /px wide in a window of 360 px/);
    await page.context().close();
  });

  test("that asks another origin is cut off and named, and its faults are kept", async () => {
    let asked = 0;
    const stranger = createServer((_, answer) => answer.end(String(asked++)));
    await new Promise((resolve) => stranger.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${stranger.address().port}/a.png`;
    const page = await openPage(browser);
    await page.goto(html(`<img src="${url}" alt=""><script>throw new Error("hỏng")</script>`));
    assert.deepEqual(page.strangers, [url]);
    assert.equal(asked, 0);
    assert.ok(page.faults.some((fault) => fault.includes("hỏng")), page.faults.join());
    await page.context().close();
    await new Promise((resolve) => stranger.close(resolve));
  });

  test("is pictured under a name with its width", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "minhbach-pictures-"));
    process.env.MINHBACH_SCREENSHOTS = folder;
    const page = await openPage(browser);
    await page.goto(html("<h1>Sổ</h1>"));
    const file = await picture(page, "so-quy");
    delete process.env.MINHBACH_SCREENSHOTS;
    assert.equal(path.basename(file), "so-quy-360.png");
    const bytes = await readFile(file);
    assert.equal(bytes.toString("latin1", 1, 4), "PNG");
    assert.equal(bytes.readUInt32BE(16), 360, "width of the picture");
    await page.context().close();
    await rm(folder, { recursive: true });
  });
});

describe("the program", () => {
  let folder;
  before(async () => (folder = await mkdtemp(path.join(tmpdir(), "minhbach-harness-"))));
  after(() => rm(folder, { recursive: true, force: true }));

  /** A stand-in for the program, so that the harness is tried without it. */
  async function stand_in(name, body) {
    const file = path.join(folder, `${name}.cjs`);
    await writeFile(file, `#!${process.execPath}\n${body}\n`);
    await chmod(file, 0o700);
    return file;
  }
  const server = `const answer = (q, a) => { a.statusCode = ok ? 200 : 503; a.end(); };
    require("http").createServer(answer).listen(process.env.ROCKET_PORT, process.env.ROCKET_ADDRESS);`;

  test("is waited for until it is healthy, and ended by its own process id", async () => {
    const binary = await stand_in(
      "healthy",
      `let ok = false; setTimeout(() => (ok = true), 300); console.log(process.argv.slice(2).join(" "));
      process.on("SIGTERM", () => process.exit(0)); ${server}`,
    );
    const began = Date.now();
    const site = await startSite({ binary, command: "demo", args: ["--seed", "7"] });
    assert.ok(Date.now() - began >= 300, "answered before it was healthy");
    assert.equal((await fetch(site.url)).status, 200);
    assert.equal(site.output().trim(), `demo --data ${site.data} --seed 7`);
    await access(site.data);
    assert.deepEqual(await site.stop(), { code: 0, signal: null });
    assert.throws(() => process.kill(site.pid, 0), { code: "ESRCH" });
    await assert.rejects(access(site.data), { code: "ENOENT" });
  });

  test("that ends at once is reported with its last words", async () => {
    const binary = await stand_in("broken", `console.error("no room on the disk"); process.exit(3);`);
    await assert.rejects(startSite({ binary }), /"code":3.*\n?.*no room on the disk/s);
  });

  test("that never becomes healthy is ended and reported", async () => {
    const binary = await stand_in("ill", `const ok = false; ${server}`);
    await assert.rejects(startSite({ binary, seconds: 1 }), /was not up in 1 s/);
  });

  test("that is not there is reported", async () => {
    await assert.rejects(startSite({ binary: path.join(folder, "nobody") }), /ENOENT/);
  });
});
