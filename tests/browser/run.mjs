// Runs every journey, two files side by side, the longest one first: what a browser waits for, the
// program's passphrases and the disk, leaves half a machine idle otherwise. `npm test -- loans`
// runs the files whose names hold a word.

import { readdir } from "node:fs/promises";
import path from "node:path";
import { run } from "node:test";
import { tap } from "node:test/reporters";
import { fileURLToPath } from "node:url";

const LONGEST = "every-page.test.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const words = process.argv.slice(2);
const names = (await readdir(here))
  .filter((name) => name.endsWith(".test.mjs"))
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
  .sort((one, other) => (other === LONGEST) - (one === LONGEST) || one.localeCompare(other));
if (names.length === 0) throw new Error(`no file is called like ${words.join(" or ")}`);

run({ files: names.map((name) => path.join(here, name)), concurrency: 2 })
  .on("test:fail", () => (process.exitCode = 1))
  .compose(tap)
  .pipe(process.stdout);
