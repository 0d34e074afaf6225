// Takes the pictures of `docs/pictures` anew: `npm run pictures`, with a built program. The twelve
// main pages on the demonstration, as a phone and a desk see them; in the font of our papers, so
// that they look alike wherever they are taken.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, "../..");
const out = path.join(root, "docs/pictures");
const folder = await mkdtemp(path.join(tmpdir(), "minhbach-pictures-"));

// Read by Chromium's font library when it starts.
process.env.FONTCONFIG_FILE = path.join(folder, "fonts.conf");
await writeFile(
  process.env.FONTCONFIG_FILE,
  `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include>
<dir>${root}/assets/fonts</dir><cachedir>${folder}/cache</cachedir>
${["system-ui", "sans-serif"].map((name) => `<alias binding="strong"><family>${name}</family><prefer><family>Noto Sans</family></prefer></alias>`).join("\n")}
<dir>/usr/share/fonts</dir></fontconfig>`,
);

const { openBrowser, openPage, startSite, WIDTHS } = await import("./harness.mjs");

const site = await startSite({
  command: "demo", args: ["--today", "2026-11-22", "--seed", "7"], data: path.join(folder, "data"), seconds: 300,
});
const browser = await openBrowser();
const officers = Object.fromEntries(
  [...site.output().matchAll(/^\s*([a-z-]+)\s+(.+?)\s{2,}(.+)$/gm)].map(([, name, pass]) => [name, pass]),
);
const receipt = site.output().match(/lent, came back and was lent again: (\S+)/)[1];

/** The twelve main pages: name of the picture, path; those of the desk are the treasurer's. */
const PAGES = [
  ["receipt", receipt],
  ["chapter", "/xa-mau"],
  ["accounts", "/xa-mau/cong-khai"],
  ["fund", "/xa-mau/quy/tet-am"],
  ["give", "/xa-mau/ung-ho?quy=tet-am"],
  ["loans", "/xa-mau/von-vay"],
  ["goods", "/xa-mau/hien-vat"],
  ["statement", "/xa-mau/bao-cao/2026-10"],
  ["find", "/xa-mau/tra-cuu"],
  ["check", "/xa-mau/kiem-chung"],
  ["today", "/ban/viec"],
  ["slip", "/ban/phieu-thu"],
];

await mkdir(out, { recursive: true });
for (const [name, width] of Object.entries(WIDTHS)) {
  const page = await openPage(browser, { width, site });
  await page.setViewportSize({ width, height: width < 600 ? 780 : 900 });
  for (const [picture, at] of PAGES) {
    if (at.startsWith("/ban") && !(await page.context().cookies()).some((one) => /minhbach/.test(one.name))) {
      await page.goto("/dang-nhap");
      await page.locator("main select").selectOption({ label: "Hội Chữ thập đỏ Xã Mẫu (ví dụ)" });
      await page.fill("main [name=name]", "thuquy");
      await page.fill("main [name=passphrase]", officers.thuquy);
      await page.locator("main form button").first().click();
      await page.waitForURL(/\/ban\/viec/);
    }
    const answer = await page.goto(at);
    if (answer.status() !== 200) throw new Error(`${at}: ${answer.status()}`);
    const file = path.join(out, `${picture}-${name}.png`);
    await page.screenshot({ path: file });
    console.log(path.relative(root, file));
  }
  await page.context().close();
}
await browser.close();
await site.stop();
await rm(folder, { recursive: true, force: true });
