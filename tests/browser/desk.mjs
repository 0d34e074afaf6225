// A chapter of its own for a journey, and what officers do at its desk: sign in, fill a slip, record
// it, approve. Every page on the way is looked at by axe at the widths of a phone and of a desk.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

import {
  assertAccessible, assertFits, openBrowser, openPage, picture, startSite, WIDTHS,
} from "./harness.mjs";

export const PASSPHRASES = {
  treasurer: "sông hồng mùa lũ 2026",
  chair: "cầu long biên cũ kỹ",
  third: "chợ đồng xuân sớm mai",
};

/** A site with an empty data folder, a browser and one page; `close` ends and removes all of it. */
export async function openDesk(name) {
  const folder = await mkdtemp(path.join(tmpdir(), `minhbach-${name}-`));
  const site = await startSite({ data: path.join(folder, "data") });
  const browser = await openBrowser();
  const page = await openPage(browser, { width: WIDTHS.phone, site });

  const close = async () => {
    await browser.close();
    await site.stop();
    await rm(folder, { recursive: true, force: true });
  };

  /** What holds on every page of ours, on a phone and on a desk. */
  const look = async (picturesName) => {
    for (const width of [WIDTHS.desk, WIDTHS.phone]) {
      await page.setViewportSize({ width, height: 740 });
      await assertAccessible(page);
      await assertFits(page);
      if (process.env.MINHBACH_SCREENSHOTS && picturesName) await picture(page, picturesName);
    }
  };

  const visit = async (path, picturesName) => {
    const answer = await page.goto(new URL(path, site.url).href);
    assert.equal(answer.status(), 200, path);
    await look(picturesName);
  };

  const press = async (button) => {
    await Promise.all([page.waitForNavigation(), page.locator(button).first().click()]);
  };

  const send = () => press("main form button.govuk-button:not(.govuk-button--secondary)");

  /** Fills fields by name; a list of values fills the rows of a table one after another. */
  const fill = async (fields) => {
    for (const [name, value] of Object.entries(fields)) {
      for (const [row, own] of [value].flat().entries()) {
        const input = page.locator(`main [name="${name}"]`).nth(row);
        const tag = await input.evaluate((element) => element.tagName);
        if (tag === "SELECT") await input.selectOption(own);
        else if ((await input.getAttribute("type")) === "radio") {
          await page.locator(`main [name="${name}"][value="${own}"]`).check();
        } else await input.fill(own);
      }
    }
  };

  const signIn = async (name, passphrase) => {
    await page.context().clearCookies();
    await visit("/dang-nhap");
    await fill({ name, passphrase });
    await send();
    assert.match(page.url(), /\/ban\/viec/);
  };

  /** A slip: the form, the echo, the recording. */
  const record = async (path, fields, picturesName) => {
    await visit(path, picturesName);
    await fill(fields);
    await send();
    await look();
    await send();
  };

  /** The chair approves everything that waits, and the treasurer is back. */
  const approve = async () => {
    await signIn("chutich", PASSPHRASES.chair);
    await visit("/ban/duyet");
    await page.fill("main [name=passphrase]", PASSPHRASES.chair);
    await send();
    assert.match(page.url(), /\/ban\/(but-toan\/|duyet\?tu=)/);
    await signIn("thuquy", PASSPHRASES.treasurer);
  };

  /** Founds a chapter with three officers; the treasurer is signed in. */
  const found = async (slug) => {
    await visit("/thiet-lap");
    await fill({
      name: "Hội Chữ thập đỏ xã Thử", slug,
      treasurer_name: "thuquy", treasurer_title: "Thủ quỹ",
      treasurer_pass: PASSPHRASES.treasurer, treasurer_again: PASSPHRASES.treasurer,
      chair_name: "chutich", chair_title: "Chủ tịch Hội",
      chair_pass: PASSPHRASES.chair, chair_again: PASSPHRASES.chair,
      third_name: "phochutich", third_title: "Phó chủ tịch Hội",
      third_pass: PASSPHRASES.third, third_again: PASSPHRASES.third,
    });
    await send();
    await signIn("thuquy", PASSPHRASES.treasurer);
  };

  /**
   * Nobody who is not signed in learns one of these words: not from a page that links lead to, from
   * these paths or the chapter's first page on, not from a file of the ledger, and the log has none.
   * The last thing of a journey: the site is stopped for the export.
   */
  const nobodyKnows = async (words, slug, ...paths) => {
    const holds = (where, text) => {
      for (const word of words) assert.ok(!text.includes(word), `${where} holds ${word}`);
    };
    const seen = new Set([`/${slug}`, "/tong-hop", ...paths]);
    for (const at of seen) {
      const answer = await fetch(new URL(at, site.url));
      assert.ok(answer.status < 500, `${at}: ${answer.status}`);
      const body = await answer.text();
      holds(at, JSON.stringify([...answer.headers]) + body);
      for (const [, href] of body.matchAll(/href="([^"#]+)/g)) {
        const to = new URL(href.replaceAll("&amp;", "&"), new URL(at, site.url));
        const next = to.pathname + to.search;
        if (to.origin === new URL(site.url).origin && !/^\/(ban|dang|public)\b/.test(next)) {
          seen.add(next);
        }
      }
      assert.ok(seen.size < 5_000, "pages without an end");
    }
    await site.stop();
    const out = path.join(folder, "published");
    await promisify(execFile)(site.binary, ["export", "--data", site.data, slug, out]);
    const files = await readdir(out, { recursive: true, withFileTypes: true });
    for (const file of files.filter((one) => one.isFile())) {
      const name = path.join(file.parentPath, file.name);
      holds(name, name + (await readFile(name)).toString("utf8"));
    }
    assert.match(site.output(), /Open http/, "what the program said is at hand");
    holds("the log", site.output());
    return seen.size;
  };

  const text = async () => (await page.textContent("main")).replaceAll("\u00a0", " ");

  return {
    approve, close, fill, folder, found, look, nobodyKnows, page, press, record, send, signIn, site, text, visit,
  };
}
