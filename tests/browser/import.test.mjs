// A bank statement at the desk: the file, its columns, every line, and into the ledger with one
// passphrase. At the width of a phone and of a desk, with axe on every page on the way.

import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import {
  assertAccessible, assertFitsEverywhere, openBrowser, openPage, picture, startSite, WIDTHS,
} from "./harness.mjs";

const PASSPHRASES = {
  treasurer: "sông hồng mùa lũ 2026",
  chair: "cầu long biên cũ kỹ",
  third: "chợ đồng xuân sớm mai",
};
const statements = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../statements");

let site;
let browser;

before(async () => {
  site = await startSite();
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await site?.stop();
});

/** What holds on every page of ours; `name` is the picture's. */
async function look(page, name) {
  await assertAccessible(page);
  await assertFitsEverywhere(page);
  if (process.env.MINHBACH_SCREENSHOTS) await picture(page, name);
}

/** Presses a button and waits for the next page. */
async function press(page, button) {
  await Promise.all([page.waitForNavigation(), page.click(button)]);
}

async function found(page) {
  await page.goto(new URL("/thiet-lap", site.url).href);
  const set = {
    name: "Hội Chữ thập đỏ xã Thử", slug: "xa-thu", books_from: "01/09/2024",
    bank_name: "VietinBank", bank_account: "101010101010",
    treasurer_name: "thuquy", treasurer_title: "Thủ quỹ",
    treasurer_pass: PASSPHRASES.treasurer, treasurer_again: PASSPHRASES.treasurer,
    chair_name: "chutich", chair_title: "Chủ tịch Hội",
    chair_pass: PASSPHRASES.chair, chair_again: PASSPHRASES.chair,
    third_name: "phochutich", third_title: "Phó chủ tịch Hội",
    third_pass: PASSPHRASES.third, third_again: PASSPHRASES.third,
  };
  for (const [name, value] of Object.entries(set)) await page.fill(`[name=${name}]`, value);
  await press(page, "main form button[type=submit]");
}

async function signIn(page) {
  await page.goto(new URL("/dang-nhap", site.url).href);
  await page.fill("[name=name]", "thuquy");
  await page.fill("[name=passphrase]", PASSPHRASES.treasurer);
  await press(page, "main form button[type=submit]");
}

/** The number behind a word of a page. */
function figure(text, pattern) {
  return Number(text.replaceAll("\u00a0", " ").match(pattern)?.[1].replaceAll(".", ""));
}

/** Step 1 and 2, as the file is recognised: leads to the preview. */
async function bring(page, file, name) {
  await page.goto(new URL("/ban/viec", site.url).href);
  await press(page, 'main a[href="/ban/nhap-tep"]');
  await look(page, `import-file-${name}`);
  await page.setInputFiles("[name=file]", path.join(statements, file));
  await press(page, "main form[enctype] button[type=submit]");
  assert.match(page.url(), /\/cot$/);
  await look(page, `import-columns-${name}`);
  await press(page, 'button[name=step][value="next"]');
}

test("a statement of a bank is looked over and recorded with one passphrase", async () => {
  let page = await openPage(browser, { width: WIDTHS.phone, site });
  await found(page);
  await signIn(page);
  await bring(page, "vietinbank.csv", "first");
  await look(page, "import-preview-first");
  let told = await page.textContent("main");
  assert.equal(figure(told, /Sẽ ghi ([\d.]+) khoản/), 1000);
  assert.equal(figure(told, /khoản, cộng ([\d.]+) ₫/), 738_706_715);

  // One line is no gift; then all lines with a word.
  await page.locator('[name="kind[]"]').first().selectOption("custody:mistaken");
  await press(page, 'button[name=step][value="page"]');
  assert.match(await page.textContent("main"), /Giữ hộ: chuyển nhầm/);
  await page.fill("[name=tim] >> visible=true", "bao lu");
  await press(page, 'main form[method=get] button[type=submit]');
  await look(page, "import-filtered");
  await page.selectOption("[name=all_kind]", "income:other");
  await press(page, 'button[name=step][value="all"]');

  // A wrong passphrase comes back with everything as it was.
  await page.fill("[name=passphrase]", "mot mat khau khac");
  await press(page, 'button[name=step][value="record"]');
  await look(page, "import-refused");
  assert.match(await page.title(), /^Lỗi:/);
  await page.fill("[name=passphrase]", PASSPHRASES.treasurer);
  await press(page, 'button[name=step][value="record"]');
  // A slow machine shows how far it is meanwhile.
  await page.waitForURL(/\/xong$/);
  await look(page, "import-done");
  told = await page.textContent("main");
  assert.equal(figure(told, /Đã ghi ([\d.]+) khoản/), 1000);
  assert.equal(figure(told, /cộng ([\d.]+) ₫/), 738_706_715);
  await press(page, 'main a[href*="/bn/"]');
  assert.match(await page.textContent("main"), /Hội đã nhận/);
  await page.context().close();

  // The same file again, at a desk: asked about, line by line, and nothing would be recorded.
  page = await openPage(browser, { width: WIDTHS.desk, site });
  await signIn(page);
  await bring(page, "vietinbank.csv", "again");
  await look(page, "import-preview-again");
  told = await page.textContent("main");
  assert.match(told, /Đúng tệp này đã được nhập/);
  assert.equal(figure(told, /Sẽ ghi ([\d.]+) khoản/), 0);
  assert.match(told, /Có thể trùng/);
  await page.context().close();

  // Other banks write texts that break nowhere: they stay inside the page all the same.
  page = await openPage(browser, { width: WIDTHS.phone, site });
  await signIn(page);
  for (const [bank, lines] of [["agribank", 1028], ["vietcombank", 2243]]) {
    await bring(page, `${bank}.csv`, bank);
    await assertFitsEverywhere(page);
    if (process.env.MINHBACH_SCREENSHOTS) await picture(page, `import-preview-${bank}`);
    told = await page.textContent("main");
    assert.equal(figure(told, /Sẽ ghi ([\d.]+) khoản/), lines, bank);
    assert.match(told, /Chuyển tiền từ: Tiền mặt/);
    await press(page, 'form[action$="/bo"] button[type=submit]');
  }
  await page.context().close();

  // A file with faults: each is named by row and column, in English, too.
  page = await openPage(browser, { width: WIDTHS.phone, site });
  await signIn(page);
  await page.goto(new URL("/ban/nhap-tep?lang=en", site.url).href);
  await page.setInputFiles("[name=file]", path.join(statements, "ragged.csv"));
  await press(page, "main form[enctype] button[type=submit]");
  await press(page, 'button[name=step][value="next"]');
  await look(page, "import-faults");
  assert.match(await page.textContent("main"), /Row 3, column E/);
  assert.deepEqual(page.faults.filter((fault) => !/422/.test(fault)), []);
  assert.deepEqual(page.strangers, []);
  await page.context().close();
});
