import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { tickingClock as clock } from "../testing/index.ts";
import { FileWatch } from "./file-watch.ts";

let dir: string;
let changes: number;
let files: FileWatch;
const at = (...names: readonly string[]): string => path.join(dir, ...names);
const write = (name: string, text: string): void => fs.writeFileSync(at(name), text);
/** Watch, do, and wait until it is told. */
const isTold = async (doIt: () => void): Promise<void> => {
  const before = changes;
  doIt();
  await vi.waitFor(() => expect(changes).toBeGreaterThan(before), 5000);
};

beforeEach(() => {
  dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "portail-watch-")));
  changes = 0;
  files = new FileWatch({ clock, onChange: () => (changes += 1) });
});
afterEach(() => {
  files.close();
  fs.rmSync(dir, { recursive: true, force: true });
});

const never = Number.MAX_SAFE_INTEGER;

test("a file that is written, replaced by a rename, removed and made again is told each time", async () => {
  write("ca.pem", "one");
  await files.watch([at("ca.pem")], never);
  await isTold(() => write("ca.pem", "two"));
  await isTold(() => {
    write("ca.pem.tmp", "three");
    fs.renameSync(at("ca.pem.tmp"), at("ca.pem"));
  });
  await isTold(() => write("ca.pem", "four"));
  await isTold(() => fs.rmSync(at("ca.pem")));
  await isTold(() => write("ca.pem", "five"));
});

test("links that are turned to another directory are followed, as kubernetes does it", async () => {
  fs.mkdirSync(at("v1"));
  fs.mkdirSync(at("v2"));
  fs.mkdirSync(at("v3"));
  for (const version of ["v1", "v2", "v3"]) write(`${version}/tls.crt`, version);
  fs.symlinkSync("v1", at("..data"));
  fs.symlinkSync("..data/tls.crt", at("tls.crt"));
  await files.watch([at("tls.crt")], never);
  for (const version of ["v2", "v3"]) {
    await isTold(() => {
      fs.symlinkSync(version, at("..data_tmp"));
      fs.renameSync(at("..data_tmp"), at("..data"));
    });
  }
  await isTold(() => write("v3/tls.crt", "in place"));
});

test("a directory is told for whatever happens in it, and for itself", async () => {
  fs.mkdirSync(at("crl"));
  await files.watch([at("crl")], never);
  await isTold(() => write("crl/new.pem", "x"));
  await isTold(() => fs.renameSync(at("crl"), at("old")));
  await isTold(() => fs.mkdirSync(at("crl")));
  await isTold(() => write("crl/new.pem", "x"));
});

test("a path that is not there yet is told when it comes", async () => {
  await files.watch([at("later", "ca.pem")], never);
  await isTold(() => fs.mkdirSync(at("later")));
  await isTold(() => write("later/ca.pem", "x"));
});

test("what changed before it was watched is not missed", async () => {
  write("ca.pem", "one");
  await files.watch([at("ca.pem")], 0);
  await vi.waitFor(() => expect(changes).toBe(1));
});

test("many writes are one change, and neighbours are none", async () => {
  write("ca.pem", "one");
  write("key.pem", "one");
  await files.watch([at("ca.pem")], never);
  for (let count = 0; count < 50; count += 1) write("key.pem", `${count}`);
  await isTold(() => {
    for (let count = 0; count < 50; count += 1) write("ca.pem", `${count}`);
  });
  expect(changes).toBe(1);
});

test("a circle of links is no reason to hang", async () => {
  fs.symlinkSync("b", at("a"));
  fs.symlinkSync("a", at("b"));
  await files.watch([at("a")], never);
  await isTold(() => {
    fs.rmSync(at("b"));
    write("b", "x");
  });
});
