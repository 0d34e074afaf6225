// A loan through its life on a phone: application, visit, terms side by side, approval, agreement,
// paid out, collected from the list of the week, another schedule, settled; a second one written
// off and partly recovered. Then the gift behind it and the fund, as everybody sees them; and
// nobody's name on a public page.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { openDesk } from "./desk.mjs";

const FAMILIES = [["Mạc Thị Hoa Ban", "Xóm Bến Tre"], ["Đào Văn Củ Mài", "Xóm Gò Găng"]];
const GUARANTOR = "Khúc Thị Lá Dong";

const desk = await openDesk("loans");
const { approve, fill, look, page, press, record, send, text, visit } = desk;

after(() => desk.close());

/** A day, so many days from today, as people write it. */
function day(away) {
  const own = new Date(Date.now() + 7 * 3_600_000 + away * 86_400_000);
  const two = (number) => String(number).padStart(2, "0");
  return `${two(own.getUTCDate())}/${two(own.getUTCMonth() + 1)}/${own.getUTCFullYear()}`;
}

const save = () => press("main form .govuk-button-group button.govuk-button");

/** From the application to the money in the borrower's hand. */
async function lend(borrower, amount, terms) {
  await visit("/ban/vay/moi", "loan-application");
  await fill({
    borrower, wanted: amount, purpose: "livestock", words: "Mua hai con lợn nái",
    guarantor: GUARANTOR, guarantor_phone: "0977665544",
  });
  await save();
  await look("loan-asked");
  const file = new URL(page.url()).pathname;
  await visit(`${file}/ket-thuc`, "loan-end");
  await visit(`${file}/tham-dinh`, "loan-visit");
  await fill({ income: "4.000.000", can_pay: "600.000", words: "Chăm chỉ, có chuồng sẵn", advises: "yes" });
  await save();
  await visit(`${file}/phuong-an`, "loan-terms");
  await fill(terms);
  await press("main form button[value=show]");
  await look("loan-terms-compared");
  assert.match(await text(), /So sánh các cách trả/);
  await press("main form button[value=lay]");
  await look("loan-draft");
  await approve();
  await visit(file, "loan-approved");
  assert.match(await text(), /Đã duyệt, chờ giải ngân/);
  await visit(`${file}/khe-uoc`, "loan-agreement");
  assert.match(await text(), /KU-\d{4}-000\d/);
  await visit(file);
  await press("main a[href^='/ban/giai-ngan']");
  await look("loan-paid-out");
  await send();
  await look();
  await send();
  await approve();
  return file;
}

test("a loan from the application to the last đồng, and one that is lost", async () => {
  await desk.found("xa-thu");
  await visit("/ban/vay", "loans-without-a-fund");
  await record("/ban/mo-quy", {
    code: "von-vay", name: "Vốn quay vòng", type: "revolving", costs: "no",
    terms: "Cho hộ nghèo vay không lãi để làm ăn.",
  });
  await approve();
  for (const [name, hamlet] of FAMILIES) {
    await visit("/ban/so-ho/moi");
    await fill({ "member_name[]": name, hamlet, "category_word[]": "poor" });
    await save();
  }
  await record("/ban/phieu-thu", { amount: "5.000.000", donor_type: "unknown", fund: "von-vay", method: "cash" });
  const gift = new URL(page.url()).pathname.split("/").pop();

  // Equal parts without interest; the first one is due today.
  const first = await lend("mac thi hoa ban", "3.000.000", {
    goc: "3.000.000", ky: "3", "ky-dau": day(0), "giai-ngan": day(0),
  });
  await visit("/ban/vay/den-han", "loans-due");
  assert.match(await text(), /Thu 1\.000\.000 ₫/);
  await press("main section form button.govuk-button");
  await look("loan-repaid-echo");
  assert.match(await text(), /1\.000\.000/);
  await send();
  await look("loan-repaid");
  await visit(first, "loan-running");
  assert.match(await text(), /Đã trả gốc\s*1\.000\.000/);
  await visit(`${first}/so-tra-no`, "loan-passbook");

  // Less than an instalment, and more than is owed.
  await visit(first);
  await press("main a[href^='/ban/thu-no']");
  await fill({ amount: "400.000" });
  await send();
  await send();
  await visit(first);
  await press("main a[href^='/ban/thu-no']");
  await fill({ amount: "9.000.000" });
  await send();
  await look("loan-too-much");
  assert.match(await text(), /chỉ còn nợ 1\.600\.000/);

  // Another schedule for the rest, agreed with the family.
  await visit(`${first}/gian-no`, "loan-reschedule");
  await fill({ rows: `${day(40)} 800.000\n${day(70)} 700.000`, words: "Lợn chết rét" });
  await save();
  await look("loan-reschedule-fault");
  assert.match(await text(), /cộng lại phải đúng gốc 1\.600\.000/);
  await fill({ rows: `${day(40)} 800.000\n${day(70)} 800.000` });
  await save();
  await look();
  await approve();
  await visit(first, "loan-rescheduled");
  assert.match(await text(), /Đã giãn nợ 1 lần/);
  await press("main a[href^='/ban/thu-no']");
  await fill({ amount: "1.600.000" });
  await send();
  await send();
  await visit(first, "loan-settled");
  assert.match(await text(), /Đã trả hết/);

  // The second one is lent out of the same money, and most of it is lost.
  const second = await lend("dao van cu mai", "4.000.000", {
    cach: "bullet", goc: "4.000.000", ky: "1", "ky-dau": day(20), "giai-ngan": day(0),
  });
  await visit(second);
  await press("main a[href^='/ban/xoa-no']");
  await look("loan-write-off");
  await fill({ reason: "illness" });
  await send();
  await send();
  await approve();
  await visit(second, "loan-written-off");
  await press("main a[href^='/ban/thu-hoi-no']");
  await fill({ amount: "1.500.000" });
  await send();
  await send();
  await visit(second, "loan-recovered");
  assert.match(await text(), /Đã thu hồi\s*1\.500\.000/);
  await visit("/ban/vay?het=1", "loans");
  await visit("/ban/vay/cham-tra", "loans-late");
  await visit("/ban/vay/giay-bao", "loan-reminders");

  // What everybody sees.
  await page.context().clearCookies();
  await visit(`/xa-thu/so/${gift}`);
  await visit("/xa-thu/von-vay", "public-loans");
  assert.match(await text(), /7\.000\.000/);
  await visit("/xa-thu/von-vay?lang=en", "public-loans-en");
  const words = ["Hoa Ban", "Củ Mài", "Bến Tre", "Gò Găng", "Lá Dong", "0977665544", "lợn nái", "chết rét"];
  await desk.nobodyKnows(words, "xa-thu", "/xa-thu/von-vay");
  assert.deepEqual(page.strangers, [], "nothing is asked of other sites");
});
