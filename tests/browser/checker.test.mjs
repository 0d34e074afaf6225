// The page that checks a receipt: from the server, and as a saved file without a network. A good
// receipt is right with the key on paper; whatever is changed is refused in its own words; nothing is
// asked of anybody.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import { HtmlValidate } from "html-validate";

import { assertAccessible, assertFitsEverywhere, openBrowser, openPage, startSite, WIDTHS } from "./harness.mjs";

const golden = path.join(path.dirname(fileURLToPath(import.meta.url)), "../golden");

/** The keys of the example ledger, as its policy writes them. */
const LOG = "so.example/xuan-tay+e44e85ff+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";
const WITNESS = "witness.example/upper+6f524b44+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU";

/** The first 16 digits of the leaf hash of the receipt's entry (docs/FORMAT.md, section 4). */
const PAPER = "f9ed51a1b05df7bd";

let folder;
let site;
let browser;
let good;
let saved;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "minhbach-checker-"));
  site = await startSite({ data: path.join(folder, "data") });
  browser = await openBrowser();
  good = await readFile(path.join(golden, "example/donation.tlog-proof"), "utf8");
  saved = {};
  for (const language of ["vi", "en"]) {
    const answer = await fetch(`${site.url}/kiem-tra/minh-bach-kiem-tra.html?lang=${language}`);
    assert.match(answer.headers.get("content-disposition"), /^attachment; filename="minh-bach-kiem-tra\.html"$/);
    saved[language] = path.join(folder, `${language}.html`);
    await writeFile(saved[language], Buffer.from(await answer.arrayBuffer()));
  }
});

after(async () => {
  await browser?.close();
  await site?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** Both ways in which somebody has the page: from the server, and saved, without a network. */
const WAYS = {
  "from the server": async (language, options) => {
    const page = await openPage(browser, { width: WIDTHS.phone, site, ...options });
    page.asked = [];
    page.on("request", (request) => page.asked.push(request.url()));
    page.home = `${site.url}/kiem-tra?lang=${language}`;
    return page;
  },
  "as a saved file, offline": async (language, options) => {
    const page = await openPage(browser, { width: WIDTHS.phone, ...options });
    page.asked = [];
    page.on("request", (request) => page.asked.push(request.url()));
    await page.context().setOffline(true);
    page.home = pathToFileURL(saved[language]).href;
    return page;
  },
};

const asFile = (text, name = "PT-2026-00001.tlog-proof") => ({
  name, mimeType: "application/octet-stream", buffer: Buffer.isBuffer(text) ? text : Buffer.from(text),
});

/** Gives the page a receipt and what was typed; gives its verdict and its steps. */
async function check(page, text, { log = LOG, paper = "", witnesses = "" } = {}) {
  await page.fill("#log", log);
  await page.fill("#paper", paper);
  await page.locator("details").evaluate((own) => (own.open = true));
  await page.fill("#witnesses", witnesses);
  await page.evaluate(() => (document.getElementById("verdict").textContent = ""));
  await page.setInputFiles("#file", []);
  await page.setInputFiles("#file", asFile(text));
  await page.waitForFunction(() => document.getElementById("verdict").textContent !== "");
  const steps = await page.locator("#steps li").allTextContents();
  return { verdict: await page.textContent("#verdict"), steps, all: steps.join("\n") };
}

/** The receipt with one letter of one of its lines changed for another one of the same alphabet. */
function changed(at, where = 20) {
  const lines = good.split("\n");
  const old = lines[at][where];
  lines[at] = lines[at].slice(0, where) + (old === "A" ? "B" : "A") + lines[at].slice(where + 1);
  return lines.join("\n");
}

/** The receipt with another entry in it, made by `change` on the entry's text. */
function withEntry(change) {
  const lines = good.split("\n");
  const entry = Buffer.from(lines[1].slice("extra ".length), "base64").toString("utf8");
  const other = change(entry);
  assert.notEqual(other, entry);
  lines[1] = `extra ${Buffer.from(other).toString("base64")}`;
  return lines.join("\n");
}

for (const [way, open] of Object.entries(WAYS)) {
  describe(way, () => {
    test("a good receipt is right, in plain words, and nothing is asked of anybody", async () => {
      for (const [language, words] of Object.entries({
        vi: ["Biên nhận đúng", /Loại\s*Tiếp nhận ủng hộ/, /Ngày\s*05\/11\/2026/, /1\.500\.000 ₫/],
        en: ["The receipt is right", /Kind\s*Donation/i, /Date\s*2026-11-05/, /1,500,000 ₫/],
      })) {
        const page = await open(language);
        await page.goto(page.home);
        assert.equal(await page.getAttribute("html", "lang"), language);
        const found = await check(page, good, { paper: PAPER, witnesses: WITNESS });
        assert.equal(found.verdict, words[0], found.all);
        assert.equal(found.steps.length, 6, found.all);
        const entry = (await page.innerText("#entry")).replaceAll("\u00a0", " ");
        for (const word of words.slice(1)) assert.match(entry, word);
        assert.match(entry, /3 \(so\.example\/xuan-tay\)/, "its number");
        assert.match(found.all, /witness\.example\/upper.*(\d\d:\d\d:\d\d \d+\/\d+\/2026|\d\d\/\d\d\/2026, \d\d:\d\d:\d\d)/s);
        assert.equal(await page.evaluate(() => document.activeElement.id), "verdict");
        assert.deepEqual(page.asked, [page.home], "only the page itself");
        assert.deepEqual([page.strangers, page.faults], [[], []]);
        await assertAccessible(page);
        await assertFitsEverywhere(page);
        await page.context().close();
      }
    });

    test("without the key on paper it is never called right, and says what is left", async () => {
      const page = await open("vi");
      await page.goto(page.home);
      const found = await check(page, good, { log: "" });
      assert.equal(found.verdict, "Chưa đủ để kết luận");
      assert.match(found.all, /Chưa kiểm: Chữ ký của sổ: hãy điền khóa của sổ, chép từ giấy/);
      assert.match(found.all, new RegExp(`Chưa kiểm: Mã của bút toán là ${PAPER}: hãy so với mã QR`));
      assert.match(found.all, /Chưa kiểm: Chữ ký của nhân chứng: tệp có 1 chữ ký/);
      await assertAccessible(page);
      // The key typed behind: as paper has it, over several lines.
      await page.fill("#log", `  ${LOG.slice(0, 30)}\n ${LOG.slice(30)} `);
      await page.click("button[type=submit]");
      await page.locator("#verdict", { hasText: "Biên nhận đúng" }).waitFor();
      await page.context().close();
    });

    test("whatever is changed is refused in its own words, never called right", async () => {
      const page = await open("vi");
      await page.goto(page.home);
      const lines = good.split("\n");
      const other = "so.example/xuan-tay+27947186+AYE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU";
      for (const [what, text, given, ...words] of [
        ["a byte of the entry", withEntry((own) => own.replace("1500000", "1500001")), {},
          /không dẫn tới đầu sổ/],
        ["the same, with the paper", withEntry((own) => own.replace("1500000", "1500001")), { paper: PAPER },
          /không dẫn tới đầu sổ/, /Không phải bút toán của tờ giấy/],
        ["the spelling of the entry", withEntry((own) => own.replace('"seq":3', '"seq": 3')), {},
          /không được viết theo chuẩn/],
        ["a member that stands twice", withEntry((own) => own.replace('"v":1', '"v":1,"v":1')), {},
          /không được viết theo chuẩn/],
        ["a number with a point", withEntry((own) => own.replace('"seq":3', '"seq":3.0')), {},
          /không được viết theo chuẩn/],
        ["an invisible letter", withEntry((own) => own.replace("chung", "chung\u200b")), {},
          /không được viết theo chuẩn/],
        ["the place in the entry", withEntry((own) => own.replace('"seq":3', '"seq":4')), {}, /Số ghi trong bút toán/],
        ["the ledger of the entry", withEntry((own) => own.replaceAll("xuan-tay", "xuan-dong")), {},
          /một sổ khác với đầu sổ/],
        ["a hash of the proof", changed(4), {}, /không dẫn tới đầu sổ/],
        ["a hash left out", [...lines.slice(0, 4), ...lines.slice(5)].join("\n"), {}, /không dẫn tới đầu sổ/],
        ["the root", changed(9), {}, /Chữ ký của sổ không đúng/, /không dẫn tới đầu sổ/],
        ["the size", good.replace("\n6\n", "\n7\n"), {}, /Chữ ký của sổ không đúng/],
        ["the index", good.replace("index 3", "index 2"), {}, /Số ghi trong bút toán/, /không dẫn tới/],
        ["the signature", changed(11, 60), {}, /Chữ ký của sổ không đúng/],
        ["another key of that name", good, { log: other }, /Không có chữ ký nào của khóa/],
        ["another paper", good, { paper: "0123456789abcdef" }, new RegExp(`mã của bút toán này là ${PAPER}`)],
        ["the witness's signature", changed(12, 60), { witnesses: WITNESS }, /Chữ ký của nhân chứng .* không đúng/],
        ["a witness left out", `${lines.slice(0, 12).join("\n")}\n`, { witnesses: WITNESS }, /không ký nhận đầu sổ/],
        ["CRLF", good.replaceAll("\n", "\r\n"), {}, /CRLF/],
        ["another version", good.replace("@v1", "@v2"), {}, /Dòng đầu/],
        ["unpadded base64", good.replace("=\nindex", "\nindex"), {}, /Dòng thứ hai/],
        ["a leading zero", good.replace("index 3", "index 03"), {}, /Dòng thứ ba/],
        ["a short hash", good.replace(lines[3], "AAAA"), {}, /mã băm của đường chứng minh/],
        ["a broken signature line", good.replace("— so.example/xuan-tay ", "- so.example/xuan-tay "), {},
          /Đầu sổ trong tệp viết sai|dòng chữ ký/],
        ["no text", Buffer.from([0xff, 0xfe, 0x00]), {}, /không phải văn bản UTF-8/],
        ["a picture's size", "x".repeat(1_200_001), {}, /quá lớn/],
        ["nothing", "", {}, /Dòng đầu/],
      ]) {
        const found = await check(page, text, given);
        assert.equal(found.verdict, "Biên nhận KHÔNG đúng", `${what}: ${found.all}`);
        for (const word of words) assert.match(found.all, word, what);
        assert.ok(await page.isHidden("#entry-part"), `${what}: a refused entry is not told`);
      }
      assert.deepEqual([page.asked, page.strangers, page.faults], [[page.home], [], []]);
      await page.context().close();
    });

    test("what was mistyped is told, and says nothing of the receipt", async () => {
      const page = await open("vi");
      await page.goto(page.home);
      const wrongName = LOG.replace("xuan-tay", "xuan-dong");
      for (const [what, given, words] of [
        ["a key of another ledger", { log: wrongName }, /Khóa chép sai một chữ/],
        ["a witness as log key", { log: WITNESS }, /Khóa viết sai/],
        ["a log key as witness", { witnesses: LOG }, /Khóa viết sai/],
        ["half a key", { log: LOG.slice(0, 40) }, /Khóa viết sai/],
        ["no digits of a paper", { paper: "xyz" }, /phải có 16 ký tự/],
        ["a letter of a key", { log: LOG.replace("AYqI", "AYqJ") }, /Khóa chép sai một chữ/],
        ["a heap of letters", { log: "a".repeat(100_000) }, /Khóa viết sai/],
        ["a tag", { log: "<img src=x onerror=alert(1)>" }, /Khóa viết sai/],
      ]) {
        const found = await check(page, good, given);
        assert.equal(found.verdict, "Chưa đủ để kết luận", `${what}: ${found.all}`);
        assert.match(found.all, words, what);
      }
      // A wrong receipt stays wrong beside it.
      const found = await check(page, changed(4), { log: "x" });
      assert.equal(found.verdict, "Biên nhận KHÔNG đúng", found.all);
      assert.deepEqual([page.asked, page.strangers, page.faults], [[page.home], [], []]);
      await page.context().close();
    });

    test("cut anywhere it is refused, and mostly called cut", async () => {
      const page = await open("vi");
      await page.goto(page.home);
      const whole = Buffer.from(good);
      const witness = whole.indexOf("— witness");
      for (let end = 23; end < whole.length; end += 97) {
        const found = await check(page, whole.subarray(0, end));
        assert.equal(found.verdict, "Biên nhận KHÔNG đúng", `${end}`);
        assert.match(found.all, /Tệp bị cụt|UTF-8/, `${end}`);
      }
      for (const [end, words] of [[witness, /Biên nhận đúng/], [whole.indexOf("— so.example"), /KHÔNG đúng/]]) {
        assert.match((await check(page, whole.subarray(0, end))).verdict, words);
      }
      await page.context().close();
    });

    test("a browser that lacks a part of WebCrypto says which step is left", async () => {
      const noEd25519 = () => {
        const import_ = SubtleCrypto.prototype.importKey;
        SubtleCrypto.prototype.importKey = function (...given) {
          if (given[2]?.name !== "Ed25519") return import_.apply(this, given);
          return Promise.reject(new DOMException("Unrecognized name.", "NotSupportedError"));
        };
      };
      const noCrypto = () => Object.defineProperty(Crypto.prototype, "subtle", { get: () => undefined });
      for (const [without, words, steps] of [
        [noEd25519, /Chưa kiểm: Chữ ký của sổ: trình duyệt này không biết chữ ký Ed25519/, 6],
        [noCrypto, /Chưa kiểm: Trình duyệt không cho trang này tính mã băm/, 3],
      ]) {
        const page = await open("vi");
        await page.addInitScript(without);
        await page.goto(page.home);
        const found = await check(page, good, { paper: PAPER, witnesses: WITNESS });
        assert.equal(found.verdict, "Chưa đủ để kết luận", found.all);
        assert.match(found.all, words);
        assert.equal(found.steps.length, steps, found.all);
        if (without === noEd25519) {
          assert.match(found.all, /Khớp: Bút toán số 3 nằm trong sổ 6 bút toán/);
          const wrong = await check(page, changed(4), { paper: PAPER });
          assert.equal(wrong.verdict, "Biên nhận KHÔNG đúng");
        }
        await page.context().close();
      }
    });

    test("a receipt comes by the address, by a drop, or by the keyboard", async () => {
      const page = await open("vi");
      await page.goto(`${page.home}#t=${Buffer.from(good).toString("base64url")}&h=${PAPER}`);
      await page.locator("#verdict", { hasText: "Chưa đủ để kết luận" }).waitFor();
      assert.match(await page.textContent("#name"), /lấy từ đường dẫn/);
      assert.match(await page.textContent("#steps"), /Đúng bút toán của tờ giấy/);
      assert.ok(page.asked.every((url) => !url.includes(PAPER)) || !page.asked[0].startsWith("http"),
        "what stands behind # is sent nowhere");
      await page.goto("about:blank");
      await page.goto(page.home);
      await page.fill("#log", LOG);
      const dropped = await page.evaluateHandle((text) => {
        const data = new DataTransfer();
        data.items.add(new File([text], "bien-nhan.tlog-proof"));
        return data;
      }, good);
      await page.dispatchEvent("main", "drop", { dataTransfer: dropped });
      await page.locator("#verdict", { hasText: "Biên nhận đúng" }).waitFor();
      assert.equal(await page.textContent("#name"), "bien-nhan.tlog-proof");
      // From the verdict backwards to the field of the paper, and sent by Enter.
      await page.fill("#paper", `https://so.example/bn/HZTHE7CMEJPKRWGX?h=${PAPER.toUpperCase()}`);
      await page.keyboard.press("Enter");
      await page.locator("#steps", { hasText: "Đúng bút toán của tờ giấy" }).waitFor();
      const stops = [];
      await page.evaluate(() => document.activeElement.blur());
      await page.mouse.click(1, 1);
      for (let at = 0; at < 12 && !stops.includes("BUTTON"); at += 1) {
        await page.keyboard.press("Tab");
        stops.push(await page.evaluate(() => {
          const own = document.activeElement;
          return own.id || own.tagName;
        }));
      }
      for (const id of ["file", "log", "paper"]) assert.ok(stops.includes(id), `${id} in ${stops}`);
      await page.context().close();
    });
  });
}

test("the server's own page is sealed: no connection, no frame, no other script", async () => {
  const answer = await fetch(`${site.url}/kiem-tra`);
  const policy = answer.headers.get("content-security-policy");
  assert.match(policy, /^default-src 'none'; script-src 'sha256-[A-Za-z0-9+/=]{44}'; style-src 'sha256-/);
  assert.match(policy, /connect-src 'none'.*form-action 'none'.*frame-ancestors 'none'/);
  assert.doesNotMatch(policy, /unsafe|'self'/);
  const page = await openPage(browser, { site });
  await page.goto("/kiem-tra");
  const tried = await page.evaluate(async () => {
    const image = new Image();
    const loaded = new Promise((resolve) => {
      image.onload = () => resolve("loaded");
      image.onerror = () => resolve("blocked");
    });
    image.src = "/public/x.svg";
    const script = document.createElement("script");
    script.textContent = "globalThis.got = true";
    document.body.append(script);
    const asked = await fetch("/healthz").then(() => "answered", () => "blocked");
    return [asked, await loaded, globalThis.got ?? "blocked"];
  });
  assert.deepEqual(tried, ["blocked", "blocked", "blocked"]);
  await page.context().close();
});

test("both forms of the page are valid HTML, and the switch keeps what the address carries", async () => {
  const rules = { extends: ["html-validate:standard"], rules: { "no-trailing-whitespace": "off", "doctype-style": "off" } };
  const validator = new HtmlValidate(rules);
  const bodies = [await readFile(saved.vi, "utf8"), await readFile(saved.en, "utf8")];
  for (const language of ["vi", "en"]) bodies.push(await (await fetch(`${site.url}/kiem-tra?lang=${language}`)).text());
  for (const body of bodies) {
    const report = await validator.validateString(body);
    const lines = report.results.flatMap(({ messages }) => messages.map((own) => `${own.line} ${own.ruleId}: ${own.message}`));
    assert.deepEqual(lines, []);
    assert.doesNotMatch(body, /%[a-z]+%.*\{|>checker-/);
  }
  const page = await openPage(browser, { site });
  const behind = `#t=${Buffer.from(good).toString("base64url")}`;
  await page.goto(`/kiem-tra${behind}`);
  await Promise.all([page.waitForNavigation(), page.click("#switch")]);
  assert.ok(page.url().endsWith(`?lang=en${behind}`), page.url());
  await page.locator("#verdict", { hasText: "Not enough to tell" }).waitFor();
  await page.context().close();
});
