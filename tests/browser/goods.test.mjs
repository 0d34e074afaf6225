// The way of a gift in kind: twenty gifts into the store, a purchase beside them, a round for sixty
// families with money and goods, the sheet that they sign, the handover approved by a second person,
// and the giver's receipt that shows it. Then a family is erased, and the ledger still verifies.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, test } from "node:test";
import { promisify } from "node:util";

import { openDesk, PASSPHRASES } from "./desk.mjs";

const desk = await openDesk("goods");
const { approve, fill, look, page, press, record, send, signIn, site, text, visit } = desk;
const run = promisify(execFile);

after(() => desk.close());

const HAMLETS = ["Ấp Một", "Ấp Hai", "Ấp Ba"];

const two = (number) => String(number).padStart(2, "0");

/** What a family never wants to read in public: its name, telephone and identity number. */
const PRIVATE = Array.from({ length: 60 }, (_, at) => [
  at === 59 ? "Huỳnh Thị Sa Kê" : `Hộ Thử ${two(at + 1)}`, `09031177${two(at)}`, `0790581234${two(at)}`,
]);

/** Sixty families, as a commune's list has them; the last one is to be forgotten later. */
function list() {
  const rows = PRIVATE.map(([name, phone, identity], at) =>
    [name, `19${40 + (at % 50)}`, "Hộ nghèo", HAMLETS[at % 3], "", phone, identity].join(","),
  );
  const columns = "Chủ hộ,Năm sinh,Đối tượng,Ấp,Nhân khẩu,Điện thoại,Số giấy tờ";
  return [columns, ...rows, ""].join("\n");
}

test("a gift in kind is followed to the families, and a family is erased behind it", async () => {
  await desk.found("xa-hang");
  await record("/ban/mo-chuong-trinh", { code: "tet", name: "Tết vì người nghèo", type: "tet" });
  await record("/ban/mo-mat-hang", { name: "Gạo tẻ", code: "gao", unit: "kg", whole: "parts" }, "item");
  await record("/ban/mo-mat-hang", { name: "Chăn bông", code: "chan", unit: "cái", whole: "whole" });
  await record("/ban/mo-kho", { name: "Kho của Hội", code: "kho" });

  // Twenty gifts; the first one is whose receipt is followed.
  let receipt;
  for (let at = 1; at <= 20; at += 1) {
    const donor = `Người cho ${two(at)}`;
    const step = at === 1 ? record : quickly;
    await step("/ban/nhap-kho", {
      donor_name: donor, store: "kho", fund: "chung",
      "lot_item[]": "gao", "lot_quantity[]": "40", "lot_value[]": "600.000",
    }, "goods-in");
    if (at === 1) receipt = await page.locator("main a[href*='/bn/']").first().getAttribute("href");
  }
  assert.ok(receipt, "a gift in kind has a receipt");
  await record("/ban/phieu-thu", { donor_name: "Nguyễn Thị Mẫu", amount: "40.000.000" });
  await record("/ban/mua-hang", {
    payee_type: "firm", payee_name: "Cửa hàng Chăn Ấm", store: "kho", place: "cash", fund: "chung",
    "lot_item[]": "chan", "lot_quantity[]": "60", "lot_value[]": "9.000.000", extra: "300.000",
  }, "goods-bought");
  await record("/ban/giu-ho-hien-vat", {
    donor_name: "Người cho 01", to_name: "Hộ bà Năm Bưởi",
    "goods_what[]": "Xe lăn", "goods_quantity[]": "1", "goods_unit[]": "chiếc",
  }, "goods-held");
  await approve();
  await visit("/ban/kho", "stock");
  assert.match(await text(), /800 kg/);

  // Sixty families from a file, all on the list of one round: money, rice, a blanket.
  await visit("/ban/nhap-so-ho");
  await page.setInputFiles("[name=file]", {
    name: "hộ.csv", mimeType: "text/csv", buffer: Buffer.from(list()),
  });
  await send();
  await send();
  await press("main form button[name=step][value=record]");
  assert.match(await text(), /Đã ghi 60 hộ/);
  await visit("/ban/dot-cap-phat/moi");
  await fill({
    programme: "tet", round: "tet-60", amount: "200.000", fund: "chung",
    "item[]": ["gao", "chan"], "quantity[]": ["12,5", "1"], store: "kho", goods_fund: "chung",
  });
  await send();
  await press("main a.govuk-button");
  await press("main button[name=step][value=all]");
  const round = new URL(page.url()).pathname;
  await look("round-goods");
  await visit(`${round}/ky-nhan?xom=2`, "sheet-of-a-hamlet");
  assert.match(await text(), /Cộng 20 hộ/);
  await visit(`${round}/ky-nhan`);
  assert.match(await text(), /Cộng 60 hộ/);
  assert.match(await text(), /750 kg/);
  await visit(round);
  await press("main form[action$=lap-phieu] button");
  await approve();
  await visit("/ban/kho");
  assert.match(await text(), /50 kg/);

  // Two did not come: their part is in the store again.
  await visit(`${round}/vang-mat`, "absent");
  await page.locator("main [name='family[]']").nth(0).check();
  await page.locator("main [name='family[]']").nth(1).check();
  await send();
  await approve();
  await visit("/ban/kho");
  assert.match(await text(), /75 kg/);

  // The giver sees where the rice went, and nobody's name.
  await page.context().clearCookies();
  await visit(new URL(receipt, site.url).pathname, "receipt-in-kind");
  const told = await text();
  assert.match(told, /40 kg/);
  assert.match(told, /Tết vì người nghèo/);
  assert.doesNotMatch(told, /Hộ Thử|Sa Kê/);

  // Who asks to be forgotten is, by two officers; the ledger verifies as before.
  await signIn("thuquy", PASSPHRASES.treasurer);
  await visit("/ban/so-ho");
  await fill({ words: "sa ke" });
  await press("main form button.govuk-button--secondary:not(.govuk-visually-hidden)");
  await press("main a[href^='/ban/so-ho/']:has-text('Huỳnh Thị Sa Kê')");
  await press("main a[href*='xoa-thong-tin']");
  await look("erase");
  await erase();
  await visit("/ban/so-ho");
  assert.match(await text(), /59 hộ/);
  const verified = await run(site.binary, ["verify", `${site.url}/xa-hang`]);
  assert.match(verified.stdout, /^SOUND/m);
  const donors = Array.from({ length: 20 }, (_, at) => `Người cho ${two(at + 1)}`);
  const words = [...PRIVATE.flat(), ...donors, "Năm Bưởi", "Nguyễn Thị Mẫu"];
  const pages = await desk.nobodyKnows(words, "xa-hang", new URL(receipt, site.url).pathname);
  assert.ok(pages > 100, `${pages} pages were read`);
  assert.deepEqual(page.strangers, [], "nothing is asked of other sites");
});

/** A slip like one that was looked at before. */
async function quickly(path, fields) {
  await page.goto(new URL(path, site.url).href);
  await fill(fields);
  await send();
  await send();
  assert.match(page.url(), /\/ban\/but-toan\//);
}

/** Lays the erasure that the page is about, and has the chair approve it. */
async function erase() {
  for (const box of await page.locator("main [name='subject[]']").all()) await box.check();
  await fill({ class: "request" });
  await page.locator("main [name=paper]").check();
  await press("main button[name=step][value=erase]");
  const draft = new URL(page.url()).pathname;
  assert.match(draft, /^\/ban\/duyet\//, await text());
  await signIn("chutich", PASSPHRASES.chair);
  await visit(draft);
  await page.fill("main [name=passphrase]", PASSPHRASES.chair);
  await send();
  await signIn("thuquy", PASSPHRASES.treasurer);
}
