// What programmes did and the roll-up, on the demonstration: at the width of a phone and of a desk,
// in both languages, with axe on every page.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";

import {
  assertAccessible, assertFitsEverywhere, openBrowser, openPage, startSite, WIDTHS,
} from "./harness.mjs";

let folder;
let site;
let browser;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "minhbach-programmes-"));
  const args = ["--today", "2026-11-22", "--seed", "7"];
  site = await startSite({ command: "demo", args, data: path.join(folder, "data") });
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await site?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** Opens a path, expects a page, and looks at it as everybody may see it. */
async function visit(page, path) {
  const answer = await page.goto(new URL(path, site.url).href);
  assert.equal(answer.status(), 200, path);
  await assertAccessible(page);
  await assertFitsEverywhere(page);
}

for (const [name, width] of Object.entries(WIDTHS)) {
  test(`activities and the roll-up fit and are read aloud: ${name}`, async () => {
    const page = await openPage(browser, { width, site });
    for (const language of ["vi", "en"]) {
      for (const path of [
        "/xa-mau/hoat-dong", "/xa-mau/hoat-dong?nam=tat-ca", "/xa-mau/hoat-dong/so-cap-cuu",
        "/xa-mau/hoat-dong/thuong-xuyen", "/xa-mau/hoat-dong/bep-nhan-dao?cot=cho", "/tong-hop",
        "/tong-hop?nam=tat-ca",
      ]) {
        await visit(page, `${path}${path.includes("?") ? "&" : "?"}lang=${language}`);
      }
    }
    await page.context().close();
  });
}

test("a figure leads to its vouchers, and a sending to the ledger that received it", async () => {
  const page = await openPage(browser, { width: WIDTHS.desk, site });
  await visit(page, "/xa-mau/hoat-dong?lang=vi");
  await page.locator("a[href*='so-cap-cuu?nam=2026&cot=lop']").first().click();
  await page.locator("table").last().getByText("Báo cáo hoạt động").first().waitFor();
  await visit(page, "/tong-hop?nam=tat-ca&lang=vi");
  const pair = page.locator("h2:has-text('được trừ') + ul > li").first();
  await pair.locator("a[href^='/xa-mau/so/']").click();
  await page.getByText("Hội nhận đã ghi sổ:").waitFor();
  await page.locator(".govuk-inset-text a[href^='/xa-vi-du/so/']").click();
  await page.getByText("Hội gửi đã ghi sổ:").waitFor();
  await page.context().close();
});
