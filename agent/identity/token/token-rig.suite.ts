import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { TellingLogger, tickingClock as clock } from "../../testing/index.ts";
import { clientProof } from "../key-store.suite.ts";
import type { PinQuestion, TouchNotice } from "../person.ts";
import { softHsmModule } from "../soft-hsm.suite.ts";
import type { TokenResult } from "./messages.ts";
import { TokenHost } from "./token-host.ts";
import { TokenKeeper } from "./token-keeper.ts";

const root = path.resolve(import.meta.dirname, "../../..");
export const addonPath = path.join(root, "out/native/token-key.node");

/** The agent's own native part, as a test needs it. */
export function buildNativePart(): void {
  execFileSync(process.execPath, [path.join(root, "build/scripts/native.mjs")]);
}

/** One of the modules of this folder that misbehave. */
export function compileModule(name: "broken-module" | "reader-module", dir: string): string {
  const headers = path.join(root, "node_modules/pkcs11js/includes/pkcs11");
  const output = path.join(dir, `${name}.so`);
  execFileSync("cc", ["-shared", "-fPIC", "-w", `-I${headers}`, "-o", output, path.join(import.meta.dirname, `${name}.c`)]);
  return output;
}

export interface Reader {
  readonly modulePath: string;
  /** From now on `what` is so; without a text it is not any more. See reader-module.c. */
  set(what: string, says?: string): void;
  /** Every C_Login since the last look: `pin 1` or `keypad 1`, with the kind of user. */
  logins(): string[];
  remove(): void;
}

/** SoftHSM in a reader whose behaviour the test decides. Its module finds it by the environment, so one test process has one. */
export function makeReader(dir: string): Reader {
  const folder = path.join(dir, "reader");
  fs.mkdirSync(folder);
  process.env["PORTAIL_TEST_READER"] = folder;
  process.env["PORTAIL_TEST_READER_MODULE"] = softHsmModule;
  const log = path.join(folder, "log");
  return {
    modulePath: compileModule("reader-module", dir),
    set: (what, says) => (says === undefined ? fs.rmSync(path.join(folder, what), { force: true }) : write(path.join(folder, what), says)),
    logins: () => {
      const lines = fs.existsSync(log) ? fs.readFileSync(log, "utf8").trimEnd().split("\n") : [];
      fs.rmSync(log, { force: true });
      return lines;
    },
    remove: () => {
      for (const name of fs.readdirSync(folder)) fs.rmSync(path.join(folder, name));
    },
  };
}

/** The module must never read half of it. */
function write(file: string, text: string): void {
  fs.writeFileSync(`${file}.new`, text);
  fs.renameSync(`${file}.new`, file);
}

export interface Opened {
  readonly host: TokenHost;
  readonly keeper: TokenKeeper;
  readonly questions: PinQuestion[];
  readonly answers: (Uint8Array | undefined)[];
  readonly touches: TouchNotice[];
}

/** The agent's side of a module. The person answers with `pins` in turn, then always with `last`. */
export function openKeeper(modulePath: string, last: string, pins: readonly (string | undefined)[] = []): Opened {
  const questions: PinQuestion[] = [];
  const answers: (Uint8Array | undefined)[] = [];
  const touches: TouchNotice[] = [];
  const host = new TokenHost({ modulePath, addonPath, clock, logger: new TellingLogger() });
  const keeper = new TokenKeeper({
    host,
    clock,
    announceTouch: (notice) => void touches.push(notice),
    askPin: (question) => {
      const at = questions.push(question) - 1;
      const pin = at < pins.length ? pins[at] : last;
      answers.push(pin === undefined ? undefined : Buffer.from(pin));
      return Promise.resolve(answers.at(-1));
    },
  });
  return { host, keeper, questions, answers, touches };
}

export const token = { label: "portail" };

/** The proof of a TLS client, by the key with the id or label. */
export const sign = (
  { keeper }: Pick<Opened, "keeper">,
  key: { readonly id?: string; readonly label?: string } = { id: "01" },
): Promise<TokenResult<"sign">> =>
  keeper.ask<"sign">({ op: "sign", pick: { token, key }, digest: "sha256", padding: "none", message: clientProof() }, "laptop");
