// Without a mouse and without JavaScript: an officer signs in, records a gift and finds its receipt;
// a donor goes from the chapter's page to the proof. Whatever has the focus can be seen to have it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { openDesk, PASSPHRASES } from "./desk.mjs";
import { openPage, WIDTHS } from "./harness.mjs";

let desk;
let code;

before(async () => {
  desk = await openDesk("keyboard");
  await desk.found("ban-phim");
});

after(() => desk?.close());

/** A page without JavaScript; a browser that waits for its user only. */
async function quietPage(width) {
  return openPage(desk.page.context().browser(), {
    width, site: desk.site, context: { javaScriptEnabled: false },
  });
}

/** What has the focus: its name, text and value, and whether an eye can tell. */
function focused(page) {
  return page.evaluate(() => {
    const own = document.activeElement;
    const style = getComputedStyle(own);
    const box = own.getBoundingClientRect();
    return {
      tag: own.tagName,
      name: own.getAttribute("name"),
      href: own.getAttribute("href"),
      text: own.textContent.trim(),
      seen: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none",
      inside: box.bottom > 0 && box.top < innerHeight && box.width > 0,
    };
  });
}

/** Presses Tab until something has the focus; each stop on the way can be seen. */
async function tabTo(page, wanted, most = 120) {
  for (let at = 0; at < most; at += 1) {
    await page.keyboard.press("Tab");
    const own = await focused(page);
    if (own.tag === "BODY") continue;
    assert.ok(own.seen, `the focus on ${JSON.stringify(own)} can't be seen`);
    assert.ok(own.inside, `${JSON.stringify(own)} has the focus outside the window`);
    if (wanted(own)) return own;
  }
  throw new Error(`not reached by Tab on ${page.url()}: ${wanted}`);
}

/** Presses a key that leads to another page. */
async function go(page, key = "Enter") {
  await Promise.all([page.waitForNavigation(), page.keyboard.press(key)]);
}

const field = (name) => (own) => own.name === name;
const link = (pattern) => (own) => own.tag === "A" && pattern.test(own.href ?? "");
const button = (own) => own.tag === "BUTTON" && own.text !== "Đăng xuất";

for (const [name, width] of Object.entries(WIDTHS)) {
  test(`an officer records a gift with the keyboard alone: ${name}`, async () => {
    const page = await quietPage(width);
    await page.goto("/dang-nhap");
    await tabTo(page, field("name"));
    await page.keyboard.type("thuquy");
    await tabTo(page, field("passphrase"));
    await page.keyboard.type(PASSPHRASES.treasurer);
    await go(page);
    assert.match(page.url(), /\/ban\/viec/);

    await tabTo(page, link(/\/ban\/phieu-thu$/));
    await go(page);
    // The first stop is the way past the navigation.
    await page.keyboard.press("Tab");
    assert.equal((await focused(page)).href, "#main");
    await page.keyboard.press("Enter");
    await tabTo(page, field("amount"));
    await page.keyboard.type("x");
    await tabTo(page, button);
    await go(page);
    assert.match(await page.title(), /^Lỗi:/);
    // An error leads to its field.
    await tabTo(page, link(/^#/));
    await tabTo(page, (own) => own.tag === "A" && own.href === "#amount");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Control+A");
    assert.equal((await focused(page)).name, "amount");
    await page.keyboard.type("1.500.000");
    await tabTo(page, button);
    await go(page);
    assert.match(await page.textContent("main"), /Một triệu năm trăm nghìn đồng/);
    await tabTo(page, button);
    await go(page);
    assert.match(page.url(), /\/ban\/but-toan\/\d+/);
    code = (await page.content()).match(/\/bn\/([0-9A-Z]{16})/)[1];
    await page.context().close();
  });

  test(`a donor finds what became of a gift with the keyboard alone: ${name}`, async () => {
    const page = await quietPage(width);
    await page.goto("/ban-phim");
    await tabTo(page, field("ma"));
    await page.keyboard.type(code.toLowerCase());
    await go(page);
    assert.match(page.url(), new RegExp(`/bn/${code}`));
    assert.match((await page.textContent("h1")).replaceAll("\u00a0", " "), /Hội đã nhận 1\.500\.000 ₫/);
    await tabTo(page, link(/\/so\/\d+$/));
    await go(page);
    await tabTo(page, link(/\/kiem-chung$/));
    await go(page);
    assert.match(await page.textContent("main"), /minhbach verify/);
    await page.context().close();
  });
}
