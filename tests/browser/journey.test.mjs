// The first journey: set up a chapter, record a gift, pay aid with an approval, read the receipt
// and the public page. At the width of a phone, with axe on every page on the way.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import {
  assertAccessible, assertFitsEverywhere, openBrowser, openPage, startSite, WIDTHS,
} from "./harness.mjs";

const PASSPHRASES = {
  treasurer: "sông hồng mùa lũ 2026",
  chair: "cầu long biên cũ kỹ",
  third: "chợ đồng xuân sớm mai",
};

const here = path.dirname(fileURLToPath(import.meta.url));

let folder;
let site;
let browser;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "minhbach-journey-"));
  site = await startSite({ data: path.join(folder, "data") });
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await site?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** Runs a program to its end and gives what it printed. */
function run(program, args, env = {}) {
  const done = spawnSync(program, args, { encoding: "utf8", env: { ...process.env, ...env } });
  assert.equal(done.status, 0, `${program}: ${done.error ?? ""}${done.stdout}${done.stderr}`);
  return done.stdout;
}

/** Opens a path, expects a page, and looks at it as everybody may see it. */
async function visit(page, path) {
  const answer = await page.goto(new URL(path, site.url).href);
  assert.equal(answer.status(), 200, path);
  await look(page);
}

/** What holds on every page of ours. */
async function look(page) {
  await assertAccessible(page);
  await assertFitsEverywhere(page);
}

/** Presses the main button of the page's form and waits for the next page. */
async function send(page) {
  await Promise.all([
    page.waitForNavigation(),
    page.click("main form button.govuk-button:not(.govuk-button--secondary)"),
  ]);
}

async function signIn(page, name, passphrase) {
  await page.context().clearCookies();
  await visit(page, "/dang-nhap");
  await page.fill("[name=name]", name);
  await page.fill("[name=passphrase]", passphrase);
  await send(page);
  assert.match(page.url(), /\/ban\/viec/);
  await look(page);
}

/** Records a slip: what is typed, the echo, and into the ledger (or into the list that waits). */
async function record(page, path, fields, echo) {
  await visit(page, path);
  for (const [name, value] of Object.entries(fields)) {
    const input = page.locator(`main [name="${name}"]`).first();
    const tag = await input.evaluate((element) => element.tagName);
    if (tag === "SELECT") await input.selectOption(value);
    else await input.fill(value);
  }
  await send(page);
  assert.match(await page.textContent("main"), echo, `the echo of ${path}`);
  await look(page);
  await send(page);
  await look(page);
}

test("a chapter is set up, takes a gift, pays aid, and anybody can follow it", async () => {
  const page = await openPage(browser, { width: WIDTHS.phone, site });

  await visit(page, "/");
  await Promise.all([page.waitForNavigation(), page.click('main a.govuk-button')]);
  assert.match(page.url(), /\/thiet-lap$/, "an empty site leads to the set-up");
  await look(page);
  const set = {
    name: "Hội Chữ thập đỏ xã Thử", slug: "xa-thu",
    bank_name: "VietinBank", bank_account: "101010101010",
    treasurer_name: "thuquy", treasurer_title: "Thủ quỹ",
    treasurer_pass: PASSPHRASES.treasurer, treasurer_again: PASSPHRASES.treasurer,
    chair_name: "chutich", chair_title: "Chủ tịch Hội",
    chair_pass: PASSPHRASES.chair, chair_again: PASSPHRASES.chair,
    third_name: "phochutich", third_title: "Phó chủ tịch Hội",
    third_pass: PASSPHRASES.third, third_again: PASSPHRASES.third,
  };
  for (const [name, value] of Object.entries(set)) await page.fill(`[name=${name}]`, value);
  await send(page);
  const written = /[a-z2-7]{13}\.invalid\/xa-thu\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}/;
  const key = (await page.textContent("main")).match(written)?.[0];
  assert.ok(key, "the sheet's key");
  await look(page);
  const again = await page.goto(new URL("/thiet-lap", site.url).href);
  assert.equal(again.status(), 404, "set-up is over");

  await signIn(page, "thuquy", PASSPHRASES.treasurer);
  await record(page, "/ban/mo-chuong-trinh", { code: "tet", name: "Tết vì người nghèo", type: "tet" },
    /Tết vì người nghèo/);
  await record(page, "/ban/phieu-thu", { donor_name: "Nguyễn Thị Mẫu", amount: "1.500.000" },
    /Một triệu năm trăm nghìn đồng/i);
  const receipt = await page.getAttribute('a[href*="/bn/"]', "href");
  await record(page, "/ban/phieu-chi", {
    programme: "tet", place: "cash", fund: "chung", note: "Quà Tết",
    "line_name[]": "Trần Văn Thử", "line_category[]": "poor", "line_amount[]": "400.000",
  }, /Bốn trăm nghìn đồng/i);

  await record(page, "/ban/chuyen-tien", {
    from_place: "cash", to_place: "ngan-hang", fund: "chung", amount: "200.000",
  }, /Hai trăm nghìn đồng/i);
  assert.match(await page.textContent("h1"), /PC-\d{4}-00001 · BC-\d{4}-00001/, "both numbers");
  for (const path of ["/ban/viec", "/ban/so-quy/cash", "/ban/so-quy/ngan-hang", "/ban/quy", "/ban/quan-tri/mau-so"]) {
    await visit(page, path);
  }

  await signIn(page, "chutich", PASSPHRASES.chair);
  await visit(page, "/ban/duyet");
  await page.fill("main [name=passphrase]", PASSPHRASES.chair);
  await send(page);
  await look(page);

  await page.context().clearCookies();
  await visit(page, receipt);
  const told = (await page.textContent("main")).replaceAll("\u00a0", " ");
  assert.match(told, /1\.500\.000 ₫/);
  assert.match(told, /400\.000 ₫/, "what was used");
  assert.match(told, /1\.100\.000 ₫/, "what is left");
  assert.doesNotMatch(told, /Nguyễn Thị Mẫu/, "no name without consent");

  for (const path of ["/xa-thu", "/xa-thu/cong-khai", "/xa-thu/kiem-chung"]) {
    await visit(page, path);
    assert.doesNotMatch(await page.content(), /Nguyễn Thị Mẫu|Trần Văn Thử/, path);
  }
  await page.setViewportSize({ width: WIDTHS.desk, height: 800 });
  await visit(page, "/xa-thu/cong-khai?lang=en");
  assert.deepEqual(page.strangers, [], "nothing is asked of other sites");

  // The same receipt, checked by the browser itself with the key of the sheet.
  await page.setViewportSize({ width: WIDTHS.phone, height: 800 });
  await visit(page, `${receipt}&lang=vi`);
  await Promise.all([page.waitForNavigation(), page.click('a[href^="/kiem-tra#t="]')]);
  await page.locator("#verdict", { hasText: "Chưa đủ để kết luận" }).waitFor();
  await page.fill("#log", key);
  await page.click("button[type=submit]");
  await page.locator("#verdict", { hasText: "Biên nhận đúng" }).waitFor();
  assert.match(await page.textContent("#steps"), /Khớp: Đúng bút toán của tờ giấy/, "h of the QR code");
  assert.match((await page.textContent("#entry")).replaceAll("\u00a0", " "), /1\.500\.000 ₫/);
  await look(page);
  assert.deepEqual(page.strangers, []);

  // The receipt and the ledger as somebody takes them home, checked by our verifier and by other
  // people's libraries.
  const offline = await page.request.get(new URL(`${receipt.split("?")[0]}/tlog-proof`, site.url).href);
  assert.equal(offline.status(), 200);
  run(site.binary, ["verify", `${site.url}/xa-thu`]);
  await site.stop();
  const published = path.join(folder, "published");
  run(site.binary, ["export", "--data", site.data, "xa-thu", published]);
  const kept = path.join(published, "gift.tlog-proof");
  await writeFile(kept, await offline.body());
  run(site.binary, ["verify", published, "--against", kept]);
  const libraries = path.resolve(here, "../foreign/transparency/check.go");
  const accepted = run("go", ["run", libraries, published], {
    GO111MODULE: "off", GOPATH: "/usr/share/gocode", GOTOOLCHAIN: "local",
  });
  assert.match(accepted, / 1 receipts/);
});
