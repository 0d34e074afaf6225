// Checks a receipt (.tlog-proof) on this device. Nothing is loaded and nothing is sent: the policy of
// the page forbids it to connect anywhere. What is checked, and how, is docs/FORMAT.md, section 13.
"use strict";

const LONGEST = 1200000; // bytes of a receipt
const $ = (id) => document.getElementById(id);
const vietnamese = document.documentElement.lang === "vi";

/** A text of the page in its language, with values in the places that wait for them. */
function say(key, values = {}) {
  const text = document.querySelector(`#words [data-word="${CSS.escape(key)}"]`)?.textContent;
  return text?.replace(/%([a-z]+)%/g, (_, name) => values[name] ?? "");
}

/** Refuses what does not hold: by the key of a text, and what stands in it. */
function must(holds, key, values) {
  if (!holds) throw { key, values };
}

const utf8 = (text) => new TextEncoder().encode(text);
const decode = (bytes) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Strict base64: the one spelling of its bytes, else null. */
function base64(text) {
  try {
    const raw = atob(text);
    return btoa(raw) === text ? Uint8Array.from(raw, (letter) => letter.charCodeAt(0)) : null;
  } catch {
    return null;
  }
}

async function sha256(...parts) {
  const whole = new Uint8Array(await new Blob(parts).arrayBuffer());
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
}

const leafHash = (entry) => sha256(Uint8Array.of(0), entry);
const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);

/** Reads a whole number below 2^64 without leading zeros, else null. */
function decimal(text) {
  return /^(0|[1-9]\d{0,19})$/.test(text ?? "") && BigInt(text) < 2n ** 64n ? BigInt(text) : null;
}

/** Reads a receipt, a C2SP tlog-proof; the first thing that is not as it must be is named. */
function parse(bytes) {
  must(bytes.length <= LONGEST, "no-long");
  const text = decode(bytes);
  must(!text.includes("\r"), "no-crlf");
  must(text.startsWith("c2sp.org/tlog-proof@v1\n"), "no-header");
  must(text.endsWith("\n"), "no-cut");
  const lines = text.split("\n");
  must(lines.length > 4, "no-cut");
  const entry = lines[1].startsWith("extra ") ? base64(lines[1].slice(6)) : null;
  must(entry && entry.length >= 1 && entry.length <= 65535, "no-extra");
  const index = lines[2].startsWith("index ") ? decimal(lines[2].slice(6)) : null;
  must(index !== null, "no-index");
  const end = lines.indexOf("", 3);
  must(end < lines.length - 1, "no-cut");
  const proof = lines.slice(3, end).map(base64);
  must(proof.length <= 64 && proof.every((hash) => hash?.length === 32), "no-hash");
  const note = lines.slice(end + 1).join("\n");
  must(note.includes("\n\n"), "no-cut");
  const [, head, origin, size, root, below] =
    /^(([^\n]+)\n([^\n]+)\n([^\n]+)\n)\n((?:[^\n]+\n)*)$/.exec(note) ?? [];
  must(head && decimal(size) !== null && base64(root)?.length === 32, "no-note");
  must(below !== "", "no-cut");
  const signatures = below.split("\n").slice(0, -1).map((line) => {
    const [, name, coded] = /^\u2014 ([^\s+]+) (\S+)$/.exec(line) ?? [];
    const raw = name && base64(coded);
    must(raw && raw.length > 4, "no-signature-line");
    return { name, id: hex(raw.subarray(0, 4)), raw: raw.subarray(4) };
  });
  must(signatures.length <= 100, "no-note");
  return { entry, index, proof, head, origin, size: decimal(size), root: base64(root), signatures };
}

/** Whether a proof leads from a leaf to the root (RFC 9162, section 2.1.3.2). */
async function included({ index, size, proof, root }, leaf) {
  if (index >= size) return false;
  let [at, last, hash] = [index, size - 1n, leaf];
  for (const beside of proof) {
    if (last === 0n) return false;
    if (at & 1n || at === last) {
      hash = await nodeHash(beside, hash);
      while (!(at & 1n) && at !== 0n) [at, last] = [at >> 1n, last >> 1n];
    } else {
      hash = await nodeHash(hash, beside);
    }
    [at, last] = [at >> 1n, last >> 1n];
  }
  return last === 0n && hex(hash) === hex(root);
}

const INVISIBLE = new RegExp(
  "[\\p{Cs}\\0-\\x1f\\x7f-\\x9f\\xad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b-\\u200f" +
    "\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\uffff\\u{e0000}-\\u{e0fff}]",
  "u",
);

/** The one spelling of a value, or a refusal of what no entry may hold (docs/FORMAT.md, section 3). */
function canonical(value, level = 0) {
  must(value !== null && (level <= 16 || typeof value !== "object"), "no-canonical");
  if (Array.isArray(value)) return `[${value.map((own) => canonical(own, level + 1)).join()}]`;
  if (typeof value === "string") must(!INVISIBLE.test(value), "no-canonical");
  if (typeof value === "number") must(Number.isSafeInteger(value), "no-canonical");
  if (typeof value !== "object") return JSON.stringify(value);
  const names = Object.keys(value).sort();
  must(names.every((name) => /^[ -~]*$/.test(name)), "no-canonical");
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name], level + 1)}`).join()}}`;
}

/** The entry as a value: its spelling, its members, and that it is the one of this place and ledger. */
function readEntry({ entry, index, origin }) {
  const text = decode(entry);
  const read = JSON.parse(text);
  must(canonical(read) === text, "no-canonical");
  must(typeof read.v !== "number" || read.v === 1, "left-newer");
  must(Object.keys(read).sort().join() === "at,log,prev,seq,signatures,v,voucher", "no-entry");
  const voucher = read.voucher;
  must(typeof voucher?.kind === "string" && typeof voucher.date === "string", "no-entry");
  must(say(`kind-${voucher.kind}`) !== undefined, "left-newer");
  must(Number.isInteger(read.seq) && BigInt(read.seq) === index, "no-place");
  must(read.log === origin && voucher.log === origin, "no-origin");
  return read;
}

/** Reads a public key as it is printed (C2SP signed-note): name, id and, behind the type, 32 bytes. */
async function readKey(text, type) {
  const [, name, id, coded] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text) ?? [];
  const raw = name && base64(coded);
  must(raw && raw.length === 33 && raw[0] === type, "left-key-form");
  const own = hex((await sha256(utf8(`${name}\n`), raw)).subarray(0, 4));
  must(own === id, "left-key-id");
  return { name, id, point: raw.subarray(1) };
}

const importKey = (point) => crypto.subtle.importKey("raw", point, { name: "Ed25519" }, false, ["verify"]);

/** Whether this browser knows Ed25519 at all: it takes the first key of RFC 8032, section 7.1. */
const knowsEd25519 = () =>
  importKey(base64("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")).then(() => true, () => false);

/** Verifies each signature of a key under the checkpoint; says when a witness cosigned (tlog-cosignature). */
async function signed({ head, signatures }, key, witness) {
  const own = signatures.filter(({ name, id }) => name === key.name && id === key.id);
  const refusal = witness ? "no-witness" : "no-log";
  must(own.length > 0, `${refusal}-there`, { name: key.name });
  let at = null;
  for (const { raw } of own) {
    must(raw.length === (witness ? 72 : 64), `${refusal}-holds`, { name: key.name });
    const time = witness ? new DataView(raw.buffer, raw.byteOffset).getBigUint64(0) : 0n;
    const text = witness ? `cosignature/v1\ntime ${time}\n${head}` : head;
    const verify = (point) =>
      crypto.subtle.verify({ name: "Ed25519" }, point, raw.subarray(witness ? 8 : 0), utf8(text));
    const good = await importKey(key.point).then(verify).catch(() => false);
    must(good, `${refusal}-holds`, { name: key.name });
    at ??= new Date(Number(time) * 1000);
  }
  return at;
}

/** The steps, in order: each holds (ok), does not (no), or is left to somebody (left). */
async function check(bytes, given) {
  const steps = [];
  let log = false;
  const tell = (state, key, values) => steps.push({ state, key, text: say(key, values) });
  const attempt = (work, otherwise) =>
    work().catch(({ key = otherwise, values }) => void tell(key.split("-")[0], key, values));
  const receipt = await attempt(async () => parse(bytes), "no-text");
  if (!receipt) return { steps };
  tell("ok", "ok-form");
  const entry = await attempt(async () => readEntry(receipt), "no-canonical");
  if (entry) tell("ok", "ok-entry", { seq: receipt.index });
  if (!globalThis.crypto?.subtle) {
    tell("left", "left-all");
    return { steps, entry, receipt };
  }
  const leaf = await leafHash(receipt.entry);
  const state = (await included(receipt, leaf)) ? "ok" : "no";
  tell(state, `${state}-proof`, { seq: receipt.index, size: receipt.size });
  if (given.paper === "") tell("left", "left-paper", { found: hex(leaf).slice(0, 16) });
  else if (!/^[0-9a-f]{16}$/.test(given.paper)) tell("left", "left-paper-form");
  else if (hex(leaf).startsWith(given.paper)) tell("ok", "ok-paper", { found: given.paper });
  else tell("no", "no-paper", { found: hex(leaf).slice(0, 16) });
  const able = await knowsEd25519();
  if (given.log === "") tell("left", "left-log");
  else await attempt(async () => {
    const key = await readKey(given.log, 1);
    must(key.name === receipt.origin, "no-log-name", { name: key.name });
    if (!able) return tell("left", "left-ed25519");
    await signed(receipt, key, false);
    tell("ok", "ok-log", { name: key.name });
    log = true;
  }, "left-key-form");
  if (given.witnesses.length === 0) tell("left", "left-witness", { number: receipt.signatures.length - 1 });
  for (const own of given.witnesses) await attempt(async () => {
    const key = await readKey(own, 4);
    if (!able) return tell("left", "left-ed25519-witness", { name: key.name });
    tell("ok", "ok-witness", { name: key.name, at: moment(await signed(receipt, key, true)) });
  }, "left-key-form");
  return { steps, entry, receipt, log };
}

const moment = (at) =>
  at.toLocaleString(vietnamese ? "vi-VN" : "en-GB", { timeZone: "Asia/Ho_Chi_Minh", hour12: false });
const day = (text) => (vietnamese ? text.split("-").reverse().join("/") : text);
const money = (minor) =>
  `${String(minor).replace(/\B(?=(\d{3})+$)/g, vietnamese ? "." : ",")}\u00a0\u20ab`;

/** Adds an element with a text, which is never read as HTML. */
function add(to, tag, text, look = "") {
  const made = Object.assign(document.createElement(tag), { textContent: text, className: look });
  $(to).append(made);
}

function show({ steps, entry, receipt, log }) {
  const refused = steps.some(({ state }) => state === "no");
  // Whoever mistypes a key holds no wrong receipt, and has not had it checked either.
  const mistyped = steps.some(({ state, key }) => state === "left" && /-(form|id)$/.test(key));
  const verdict = refused ? "no" : log && entry && !mistyped ? "ok" : "left";
  $("result").hidden = false;
  $("result").className = `result result--${verdict}`;
  $("verdict").textContent = say(`verdict-${verdict}`);
  $("advice").textContent = say(`advice-${verdict}`);
  $("steps").replaceChildren();
  for (const { state, text } of steps) add("steps", "li", `${say(`state-${state}`)}: ${text}`, state);
  $("entry").replaceChildren();
  const row = (key, value) => {
    if (value === undefined) return;
    add("entry", "dt", say(key));
    add("entry", "dd", value);
  };
  if (entry && !refused) {
    const { kind, date, paper_no: paper, lots, goods } = entry.voucher;
    row("row-kind", say(`kind-${kind}`));
    row("row-date", day(date));
    if (Number.isInteger(entry.voucher.amount)) row("row-amount", money(entry.voucher.amount));
    for (const { item, description, quantity, unit } of lots ?? goods ?? []) {
      row("row-goods", [description ?? item, quantity, unit].join(" "));
    }
    row("row-paper", paper);
    row("row-seq", `${receipt.index} (${receipt.origin})`);
    row("row-at", moment(new Date(entry.at)));
  }
  $("entry-part").hidden = refused || !entry;
  document.title = `${say(`verdict-${verdict}`)} – ${say("title")}`;
  $("verdict").focus();
}

let held = null; // the bytes of the receipt at hand
const typed = (id) => $(id).value.trim();

async function run() {
  if (!held) return $("file").focus();
  const paper = typed("paper").toLowerCase();
  show(await check(held, {
    log: typed("log").replace(/\s/g, ""),
    paper: /[?&]h=([0-9a-f]*)/.exec(paper)?.[1] ?? paper.replace(/[\s-]/g, ""),
    witnesses: typed("witnesses").split(/\s+/).filter((line) => line !== ""),
  }));
}

async function take(file) {
  if (!file) return;
  held = new Uint8Array(await file.slice(0, LONGEST + 1).arrayBuffer());
  $("name").textContent = file.name;
  await run();
}

/** Takes the receipt behind the # of the address, which browsers keep to themselves. */
async function carried() {
  const behind = new URLSearchParams(location.hash.slice(1));
  if (behind.has("h")) $("paper").value = behind.get("h");
  if (!behind.has("t")) return;
  const text = behind.get("t").replace(/-/g, "+").replace(/_/g, "/");
  held = base64(text.padEnd(Math.ceil(text.length / 4) * 4, "=")) ?? new Uint8Array();
  $("name").textContent = say("carried");
  await run();
}

$("form").addEventListener("submit", (event) => (event.preventDefault(), run()));
$("file").addEventListener("change", () => take($("file").files[0]));
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => (event.preventDefault(), take(event.dataTransfer.files[0])));
$("switch")?.addEventListener("click", (event) => (event.currentTarget.href += location.hash));
addEventListener("hashchange", carried);
carried();
