// A chair whose key never was on the server: the key is made on another machine (this one, in a
// folder of its own), proves itself, and approves a payment by a file that goes out and comes back.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";

import { openDesk, PASSPHRASES } from "./desk.mjs";

/** What the chair signs in with, and what opens the key file: two passphrases. */
const READS = "trăng thanh gió mát đêm rằm";
const SIGNS = "gừng cay muối mặn xin đừng quên nhau";

let desk;
let machine;

before(async () => {
  desk = await openDesk("away");
  machine = path.join(desk.folder, "usb");
  await mkdir(machine);
});

after(() => desk?.close());

/** Runs the program on the other machine. */
function run(args, input = "") {
  const done = spawnSync(desk.site.binary, args, {
    cwd: machine, input, encoding: "utf8", env: { ...process.env, MINHBACH_PASSPHRASE: SIGNS },
  });
  assert.equal(done.status, 0, `${args}: ${done.error ?? ""}${done.stdout}${done.stderr}`);
  return done.stdout.replaceAll("\u00a0", " ");
}

/** Presses a button that downloads a file, and keeps it on the other machine. */
async function download(button, name) {
  const [file] = await Promise.all([
    desk.page.waitForEvent("download"), desk.page.locator(button).first().click(),
  ]);
  await file.saveAs(path.join(machine, name));
  return file.suggestedFilename();
}

test("a key that is made elsewhere proves itself and approves by files", async () => {
  const { page } = desk;
  await desk.found("ky-ngoai");

  // The treasurer has the chair's key changed; the chair makes the new one on another machine.
  await desk.visit("/ban/quan-tri/doi-khoa");
  const chair = await page.locator("main select[name=person] option", { hasText: /^Chủ tịch Hội \(/ })
    .first().getAttribute("value");
  await desk.record("/ban/quan-tri/doi-khoa", { person: chair });
  const invitation = new URL(page.url()).pathname;
  await desk.press("main form button:not(.govuk-button--warning)");
  const link = new URL((await page.content()).match(/[^"\s]*\/dang-nhap\/moi\/[\w-]{43}/)[0], desk.site.url);
  await desk.visit(link.pathname);
  await desk.press('main a[href$="/may-khac"]');
  await desk.look("away-key");
  const log = (await page.textContent("main")).match(/key new KEYFILE --log (\S+)/)[1];
  assert.equal(await download("main form button", "khoa-moi.json"), "khoa-moi.json");
  run(["key", "new", "chair.key", "--log", log]);
  run(["sign", "khoa-moi.json", "--key", "chair.key"], "có\n");
  await page.setInputFiles("#file", path.join(machine, "khoa-moi-da-ky.json"));
  await desk.fill({ new_passphrase: READS, again: READS });
  await desk.press("main form[enctype] button");
  const shown = run(["key", "show", "chair.key"]).match(/read out: (.+)/)[1];
  assert.ok((await desk.text()).includes(shown), "what the chair reads out");
  await desk.visit(invitation);
  await desk.send();
  assert.match(page.url(), /\/ban\/duyet\/[0-9a-f-]{36}\?moi=1$/, await desk.text());
  await desk.signIn("phochutich", PASSPHRASES.third);
  await desk.visit("/ban/duyet");
  await page.fill("main [name=passphrase]", PASSPHRASES.third);
  await desk.send();
  assert.match(page.url(), /\/ban\/but-toan\/\d+\?moi=1$/, await desk.text());

  // A gift, and a payment that waits for the chair.
  await desk.signIn("thuquy", PASSPHRASES.treasurer);
  await desk.record("/ban/phieu-thu", { donor_name: "Nguyễn Thị Mẫu", amount: "1.500.000" });
  await desk.record("/ban/mo-chuong-trinh", { code: "tet", name: "Tết vì người nghèo", type: "tet" });
  await desk.record("/ban/phieu-chi", {
    programme: "tet", place: "cash", fund: "chung", note: "Quà Tết",
    "line_name[]": "Trần Văn Thử", "line_category[]": "poor", "line_amount[]": "400.000",
  });
  await desk.signIn("chutich", READS);
  await desk.visit("/ban/duyet");
  assert.equal(await page.locator("main [name=passphrase]").count(), 0, "no passphrase is asked for here");
  await desk.press('main a[href="/ban/duyet/ky-ngoai"]');
  await desk.look("away");
  const name = await download("main form button", "cho-ky.json");
  assert.match(name, /^cho-ky-[0-9A-Z]{6}\.json$/);
  assert.doesNotMatch(await readFile(path.join(machine, "cho-ky.json"), "utf8"), /Trần Văn Thử/);
  const said = run(["sign", "cho-ky.json", "--key", "chair.key"], "có\n");
  for (const words of [/Chi trợ giúp: 400\.000 ₫/, /Bốn trăm nghìn đồng/, /Người lập: Thủ quỹ/, /Quỹ chung/]) {
    assert.match(said, words);
  }
  await page.setInputFiles("#file", path.join(machine, "chair.key"));
  await desk.press("main form[enctype] button");
  assert.match(await page.textContent(".govuk-error-summary"), /không phải tệp của chương trình/);
  await desk.look();
  await page.setInputFiles("#file", path.join(machine, "cho-ky-da-ky.json"));
  await desk.press("main form[enctype] button");
  assert.match(page.url(), /\/ban\/but-toan\/\d+\?moi=1$/);
  assert.match(await desk.text(), /400\.000 ₫/);
  await desk.look();
  assert.deepEqual(page.strangers, []);
  // A refused form is an answer of its own, and no fault of a page.
  assert.deepEqual(page.faults.filter((fault) => !/status of 4(22|04)/.test(fault)), []);
  const verified = spawnSync(desk.site.binary, ["verify", `${desk.site.url}/ky-ngoai`], { encoding: "utf8" });
  assert.equal(verified.status, 0, verified.stdout + verified.stderr);
});
