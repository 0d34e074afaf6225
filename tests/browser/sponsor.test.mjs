// A sponsor's year: a plan for two families, what is due, the gift of the whole year, the handover
// approved by a second person, and the sponsor's own page without signing in. At the width of a
// phone and of a desk, with axe on every page on the way; and nobody's name on a public page.

import assert from "node:assert/strict";
import path from "node:path";
import { after, test } from "node:test";

import { openDesk, PASSPHRASES } from "./desk.mjs";

const SPONSOR = "Trương Thị Thanh Long";
const FAMILIES = [["Hồ Văn Mít", "Ấp Cây Me"], ["Kiều Thị Ổi", "Ấp Bàu Sen"]];

const desk = await openDesk("sponsor");
const { approve, fill, look, page, press, record, send, signIn, site, text, visit } = desk;

after(() => desk.close());

/** The first day of a month, so many months from now, as people write it. */
function first(months) {
  const day = new Date(Date.now() + 7 * 3_600_000);
  day.setUTCDate(1);
  day.setUTCMonth(day.getUTCMonth() + months);
  const two = (number) => String(number).padStart(2, "0");
  return `01/${two(day.getUTCMonth() + 1)}/${day.getUTCFullYear()}`;
}

test("a sponsor's year: plan, due, gift, handover, and the sponsor's own page", async () => {
  await desk.found("xa-thu");
  await visit("/ban/do-dau", "sponsors-without-a-fund");
  await record("/ban/mo-chuong-trinh", {
    code: "do-dau", name: "Đỡ đầu thường xuyên", type: "regular",
  });
  await record("/ban/mo-quy", {
    code: "do-dau", name: "Quỹ đỡ đầu", type: "sponsorship", costs: "no",
    terms: "Chỉ trao cho các hộ được đỡ đầu.",
  });
  await approve();
  for (const [name, hamlet] of FAMILIES) {
    await visit("/ban/so-ho/moi");
    await fill({ "member_name[]": name, hamlet, "category_word[]": "lonely_elderly" });
    await press("main form .govuk-button-group button.govuk-button");
  }

  await visit("/ban/do-dau/moi", "sponsor-form");
  await fill({ name: SPONSOR, phone: "0911222333", every: "month", from: first(0) });
  await page.locator('main [name="family[]"]').nth(0).fill("ho van mit");
  await page.locator('main [name="amount[]"]').nth(0).fill("300.000");
  await page.locator('main [name="family[]"]').nth(1).fill("Không Có Ai");
  await page.locator('main [name="amount[]"]').nth(1).fill("200.000");
  await fill({ fund: "do-dau", programme: "do-dau" });
  await press("main form .govuk-button-group button.govuk-button");
  await look("sponsor-form-fault");
  assert.match(await text(), /dòng 2: không tìm thấy đúng một hộ/);
  await page.locator('main [name="family[]"]').nth(1).fill("Kiều Thị Ổi");
  await press("main form .govuk-button-group button.govuk-button");
  await look("sponsor-plan-new");
  const plan = new URL(page.url()).pathname;
  await visit("/ban/do-dau/den-han", "sponsors-due");
  assert.match(await text(), /Chưa nhận/);

  // The gift of a whole year, though the plan goes by months.
  await visit(`${plan}/phieu-thu`, "sponsor-gift");
  assert.equal(await page.inputValue("main [name=donor_name]"), SPONSOR);
  await fill({ amount: "6.000.000" });
  await send();
  await look("sponsor-gift-echo");
  await send();
  await visit("/ban/do-dau/den-han", "sponsors-due-given");
  await visit(`${plan}/phieu-chi`, "sponsor-handover-one");
  await visit("/ban/do-dau/den-han/phieu-chi/do-dau", "sponsor-handover");
  await send();
  await look();
  await send();
  await visit(plan, "sponsor-plan-waits");
  assert.match(await text(), /Phiếu chi chờ duyệt/);
  await approve();
  await press(`main a[href='/ban/do-dau']`);
  await look("sponsors");
  await visit(plan);
  await press("main form[action$='/ma'] button");
  await look("sponsor-plan");
  assert.match(await text(), /Còn giữ để trao\s*5\.500\.000/);
  await visit(`${plan}/khop`, "sponsor-matching");
  await visit(`${plan}/sua`, "sponsor-edit");
  await visit(plan);
  const link = new URL(await page.getAttribute("main a.mb-code", "href")).pathname;

  // What the sponsor sees, signed in nowhere.
  await page.context().clearCookies();
  await visit(link, "sponsors-page");
  assert.match(await text(), /Đã góp 6\.000\.000 ₫ · Đã trao 500\.000 ₫/);
  const own = await page.content();
  await press("main nav.mb-pages a");
  await look("sponsors-year");
  assert.match(await text(), /Năm \d{4}: đã góp 6\.000\.000 ₫/);
  if (process.env.MINHBACH_SCREENSHOTS) {
    const file = path.join(process.env.MINHBACH_SCREENSHOTS, "sponsors-year.pdf");
    await page.pdf({ path: file, format: "A4" });
  }
  const words = ["Thanh Long", "Văn Mít", "Thị Ổi", "Cây Me", "Bàu Sen", "0911222333"];
  for (const word of words) assert.ok(!own.includes(word), word);
  await visit(`${link}?lang=en`, "sponsors-page-en");
  await desk.nobodyKnows(words, "xa-thu", link);
  assert.deepEqual(page.strangers, [], "nothing is asked of other sites");
});
