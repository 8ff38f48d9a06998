import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

export const softHsmModule = "/usr/lib/softhsm/libsofthsm2.so";

export interface SoftHsm {
  readonly modulePath: string;
  readonly label: string;
  readonly pin: string;
  readonly tokenDir: string;
}

/** A SoftHSM token of this test alone. Its module finds it by the environment, so one test process has one. */
export function makeSoftHsm(dir: string, label = "portail"): SoftHsm {
  const tokenDir = path.join(dir, "tokens");
  fs.mkdirSync(tokenDir, { recursive: true });
  const conf = path.join(dir, "softhsm2.conf");
  fs.writeFileSync(conf, `directories.tokendir = ${tokenDir}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  process.env["SOFTHSM2_CONF"] = conf;
  const pin = "271828-eleven";
  execFileSync("softhsm2-util", ["--init-token", "--free", "--label", label, "--so-pin", "5678-5678", "--pin", pin], { stdio: "pipe" });
  return { modulePath: softHsmModule, label, pin, tokenDir };
}
