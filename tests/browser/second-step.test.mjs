// Signing in with two steps on a phone and on a desk: set up, recovery codes, the code page, a
// chapter that asks for it, a lost phone, sessions, the two logs and the report of a leak.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";

import { openDesk, PASSPHRASES } from "./desk.mjs";

const ACCOUNT = "/ban/quan-tri/tai-khoan";

let desk;
let secret;
let codes;
let used = 0;

before(async () => {
  desk = await openDesk("second");
});

after(() => desk?.close());

/** RFC 6238 in a few lines, so that the program is not checked with itself. */
function codeAt(base32, step) {
  let bits = "";
  for (const letter of base32) {
    bits += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0");
  }
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", key).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** A code that was not used: waits for the next one where it has to. */
async function code(base32) {
  for (;;) {
    const now = Math.floor(Date.now() / 30_000);
    for (const step of [now - 1, now, now + 1]) {
      if (step > used) {
        used = step;
        return codeAt(base32, step);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

async function shownSecret() {
  return (await desk.page.locator("main .mb-code").first().textContent()).replaceAll(" ", "");
}

async function shownCodes() {
  return desk.page.locator("main .mb-paper .mb-code").allTextContents();
}

test("an officer turns it on and gets recovery codes", { timeout: 240_000 }, async () => {
  await desk.found("hai-buoc");
  await desk.visit(ACCOUNT, "account");
  await desk.visit(`${ACCOUNT}/hai-buoc`, "second-off");
  await desk.fill({ passphrase: PASSPHRASES.treasurer });
  await desk.send();
  await desk.look("second-set-up");
  secret = await shownSecret();
  assert.match(secret, /^[A-Z2-7]{32}$/);
  await desk.fill({ one_time: "000000" });
  await desk.send();
  await desk.look("second-wrong");
  await desk.fill({ one_time: await code(secret) });
  await desk.send();
  await desk.look("recovery-codes");
  codes = await shownCodes();
  assert.equal(codes.length, 10);
});

test("signing in takes the code, or a recovery code", { timeout: 240_000 }, async () => {
  const half = async () => {
    await desk.page.context().clearCookies();
    await desk.visit("/dang-nhap");
    await desk.fill({ name: "thuquy", passphrase: PASSPHRASES.treasurer });
    await desk.send();
    assert.match(desk.page.url(), /\/dang-nhap\/ma/);
  };
  await half();
  await desk.look("code");
  await desk.fill({ one_time: "000000" });
  await desk.send();
  await desk.look("code-wrong");
  await desk.fill({ one_time: await code(secret) });
  await desk.send();
  assert.match(desk.page.url(), /\/ban\/viec/);
  await half();
  await desk.page.locator("main details summary").click();
  await desk.look("code-recovery");
  await desk.fill({ recovery: codes[0] });
  await desk.send();
  assert.match(desk.page.url(), /\/ban\/viec/);
  await desk.visit(ACCOUNT, "account-on");
  await desk.visit(`${ACCOUNT}/hai-buoc`, "second-on");
});

/** The chair makes a link for an officer; whoever has it and the passphrase sets up a new phone. */
async function resetLostPhone() {
  await desk.visit("/ban/quan-tri");
  const links = desk.page.locator("main a", { hasText: "Tài khoản cán bộ" });
  const all = await links.evaluateAll((own) => own.map((link) => link.getAttribute("href")));
  let whose;
  while (!whose) {
    assert.ok(all.length > 0, "an officer beside the chair");
    await desk.visit(all.shift());
    const name = await desk.page.locator("main dd").first().textContent();
    whose = { thuquy: PASSPHRASES.treasurer, phochutich: PASSPHRASES.third }[name.trim()];
  }
  const form = "main form[action$='/dat-lai']";
  await desk.page.fill(`${form} [name=passphrase]`, PASSPHRASES.chair);
  await desk.press(`${form} button`);
  await desk.look("reset-link");
  const link = await desk.page.getAttribute("main .mb-code a", "href");
  assert.match(link, /\/dang-nhap\/lai\/[\w-]{43}$/);
  await desk.page.context().clearCookies();
  await desk.visit(new URL(link).pathname, "reset");
  await desk.fill({ passphrase: "không phải cụm này đâu" });
  await desk.send();
  await desk.look("reset-wrong");
  await desk.fill({ passphrase: whose });
  await desk.send();
  assert.match(desk.page.url(), /\/dang-nhap\/bat/);
  await desk.look("reset-set-up");
}

test("the chair asks all for it, resets a lost phone, reads the logs", { timeout: 240_000 }, async () => {
  await desk.signIn("chutich", PASSPHRASES.chair);
  await desk.visit("/ban/quan-tri", "office");
  await desk.page.locator("main a", { hasText: "Tài khoản cán bộ" }).first().click();
  await desk.page.waitForURL(/can-bo/);
  await desk.look("officer");
  await desk.visit("/ban/quan-tri/hai-buoc", "required");
  await desk.fill({ required: "yes", passphrase: PASSPHRASES.chair });
  await desk.send();
  await desk.look("required-on");
  await desk.visit("/ban/kiem-tra/mo-xem", "log-private");
  await desk.visit("/ban/kiem-tra/an-toan", "log-accounts");
  await desk.visit("/ban/kiem-tra/lo-du-lieu", "leak");
  await desk.visit("/ban/kiem-tra/lo-du-lieu?tu=&den=&ai=&pham_vi=tat-ca", "leak-counted");
  await resetLostPhone();
  await desk.page.context().clearCookies();
  await desk.visit("/dang-nhap");
  await desk.fill({ name: "phochutich", passphrase: PASSPHRASES.third });
  await desk.send();
  assert.match(desk.page.url(), /\/dang-nhap\/bat/);
  await desk.look("set-up-first");
});
