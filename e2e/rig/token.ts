import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { root } from "./agent.ts";

const softHsm = "/usr/lib/softhsm/libsofthsm2.so";
const label = "portail";

/** A SoftHSM token of one test, in a reader whose behaviour the test decides. Its module knows its place by itself, whoever loads it. */
export interface Token {
  readonly modulePath: string;
  readonly label: string;
  readonly pin: string;
  /** From now on `what` is so; without a text it is not any more. `agent/identity/token/reader-module.c` lists what there is. */
  set(what: "keypad" | "tries" | "slow" | "absent" | "answer", says?: string): void;
  /** How many tries the reader counts now. */
  triesLeft(): string;
  /** Each login that its module was asked for, such as `pin 1`. */
  logins(): readonly string[];
}

export function makeToken(dir: string, pin: string): Token {
  const [conf, reader, tokens] = [path.join(dir, "softhsm2.conf"), path.join(dir, "reader"), path.join(dir, "tokens")];
  fs.mkdirSync(reader);
  fs.mkdirSync(tokens);
  fs.writeFileSync(conf, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  const words = ["--init-token", "--free", "--label", label, "--so-pin", "5678-5678", "--pin", pin];
  execFileSync("softhsm2-util", words, { env: { ...process.env, SOFTHSM2_CONF: conf }, stdio: "pipe" });
  return {
    modulePath: compileReader(dir, { SOFTHSM2_CONF: conf, PORTAIL_TEST_READER: reader, PORTAIL_TEST_READER_MODULE: softHsm }),
    label,
    pin,
    triesLeft: () => fs.readFileSync(path.join(reader, "tries"), "utf8"),
    set: (what, says) => {
      const file = path.join(reader, what);
      if (says === undefined) return fs.rmSync(file, { force: true });
      // The module must never read half of it.
      fs.writeFileSync(`${file}.new`, says);
      fs.renameSync(`${file}.new`, file);
    },
    logins: () => {
      const log = path.join(reader, "log");
      return fs.existsSync(log) ? fs.readFileSync(log, "utf8").trimEnd().split("\n") : [];
    },
  };
}

/** The application gives its agent none of its environment, so the module brings its own. */
function compileReader(dir: string, environment: Readonly<Record<string, string>>): string {
  const output = path.join(dir, "reader-module.so");
  const place = path.join(dir, "place.c");
  const lines = Object.entries(environment).map(([name, value]) => `  setenv("${name}", "${value}", 1);`);
  fs.writeFileSync(place, `#include <stdlib.h>\n__attribute__((constructor)) static void place(void) {\n${lines.join("\n")}\n}\n`);
  const source = path.join(root, "agent/identity/token/reader-module.c");
  const headers = path.join(root, "node_modules/pkcs11js/includes/pkcs11");
  execFileSync("cc", ["-shared", "-fPIC", "-w", `-I${headers}`, "-o", output, source, place]);
  return output;
}
