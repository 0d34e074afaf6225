// A caseworker's day: families into the register, by hand and from a file, a round, the sheet that
// they sign, the payment approved by a second person. At the width of a phone and of a desk, with
// axe on every page on the way; and nobody's name on a public page.

import assert from "node:assert/strict";
import path from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

import { openDesk } from "./desk.mjs";

const LIST = `Chủ hộ,Năm sinh,Đối tượng,Ấp,Nhân khẩu
Lê Văn Bảy,1960,Hộ nghèo; Khuyết tật,Ấp Một,Lê An; Lê Bình
Phan Thị Tư,1971,Hộ nghèo,Ấp Hai,
Nguyễn Thị Đào,1958,Hộ nghèo,Ấp Bình Hòa,
Võ Thị Mận,1949,Người già neo đơn,Ấp Hai,
Trần Văn Cò,1983,Hộ cận nghèo,Ấp Một,
`;

const here = path.dirname(fileURLToPath(import.meta.url));

const desk = await openDesk("families");
const { fill, look, page, press, record, send, site, visit } = desk;

after(() => desk.close());

test("families are entered, put on a round's list, sign a sheet, and get their money", async () => {
  await desk.found("xa-thu");
  await look("families-today");
  await record("/ban/mo-chuong-trinh", { code: "tet", name: "Tết vì người nghèo", type: "tet" });
  await record("/ban/phieu-thu", { donor_name: "Nguyễn Thị Mẫu", amount: "9.500.000" });

  // By hand, with somebody for whom there is something to ask.
  await visit("/ban/so-ho/moi", "families-form");
  await fill({
    "member_name[]": "Nguyễn Thị Đào", "member_birth[]": "1958", "member_orange[]": "4",
    hamlet: "Ấp Bình Hòa", phone: "0987654321", "category_word[]": "poor",
    agreed_what: "Lưu hồ sơ tại Hội", agreed_on: "01/01/2026", agreed_how: "Ký giấy",
  });
  await press("main form .govuk-button-group button.govuk-button");
  await look("families-family");
  assert.match(await page.textContent("main"), /thế hệ 4 thường chưa được hưởng/);

  // From a file, of which one family is in the register already.
  await visit("/ban/nhap-so-ho", "families-file");
  await page.setInputFiles("[name=file]", {
    name: "hộ.csv", mimeType: "text/csv", buffer: Buffer.from(LIST),
  });
  await send();
  await look("families-columns");
  await send();
  await look("families-preview");
  assert.match(await page.textContent("main"), /Trùng tên chủ hộ, cùng địa bàn/);
  await press("main form button[name=step][value=record]");
  assert.match(await page.textContent("main"), /Đã ghi 4 hộ/);

  // From Excel, read by a process of its own: somebody who is there already.
  await visit("/ban/nhap-so-ho");
  await page.setInputFiles("[name=file]", path.resolve(here, "../families/list.xlsx"));
  await send();
  await send();
  assert.match(await page.textContent("main"), /Có người trùng họ tên và năm sinh/);
  await press("main form[action$='/bo'] button");

  await visit("/ban/so-ho", "families-list");
  await fill({ words: "nguyen dao" });
  await press("main form button.govuk-button--secondary:not(.govuk-visually-hidden)");
  assert.match(await page.textContent("main"), /1 hộ trong 5 hộ/);
  assert.doesNotMatch(page.url(), /dao/, "no name in an address");
  await look();

  // The round.
  await visit("/ban/dot-cap-phat/moi", "round-new");
  await fill({ programme: "tet", round: "dot-1", amount: "500.000", fund: "chung" });
  await send();
  await press("main a.govuk-button");
  await look("round-choosing");
  await press("main button[name=step][value=all]");
  await look("round-list");
  const round = new URL(page.url()).pathname;
  assert.match(await page.textContent("main"), /Hai triệu năm trăm nghìn đồng/i);
  await press("main form[action$=lap-phieu] button");
  await look("round-laid");
  await visit(`${round}/ky-nhan`, "round-sheet");
  assert.match(await page.textContent("main"), /Cộng 5 hộ/);
  if (process.env.MINHBACH_SCREENSHOTS) {
    await page.pdf({ path: path.join(process.env.MINHBACH_SCREENSHOTS, "sheet.pdf"), format: "A4" });
  }
  await visit("/ban/dot-cap-phat", "rounds");

  await desk.approve();

  await page.context().clearCookies();
  for (const path of ["/xa-thu", "/xa-thu/cong-khai", "/xa-thu/so/3", "/xa-thu/kiem-chung"]) {
    await page.goto(new URL(path, site.url).href);
    assert.doesNotMatch(await page.content(), /Nguyễn Thị Đào|Lê Văn Bảy|0987654321/, path);
  }
  assert.deepEqual(page.strangers, [], "nothing is asked of other sites");
});
