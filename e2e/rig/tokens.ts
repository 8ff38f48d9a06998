import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import type { Authority } from "../../agent/testing/index.ts";

/** A token of one test, and what its module finds it by. */
export interface LabToken {
  readonly label: string;
  readonly pin: string;
  readonly env: NodeJS.ProcessEnv;
  /** How an identity of `portail.yaml` names the key with this label, without braces. */
  identity(key: string): string;
}

const softHsmModule = "/usr/lib/softhsm/libsofthsm2.so";

export function createSoftHsm(dir: string, module = softHsmModule): LabToken {
  const [conf, tokens] = [path.join(dir, "softhsm2.conf"), path.join(dir, "tokens")];
  fs.mkdirSync(tokens);
  fs.writeFileSync(conf, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  const env = { SOFTHSM2_CONF: conf };
  const [label, pin] = ["portail", "161803-golden"];
  execFileSync("softhsm2-util", ["--init-token", "--free", "--label", label, "--so-pin", "5678-5678", "--pin", pin], {
    env: { ...process.env, ...env },
    stdio: "pipe",
  });
  return { label, pin, env, identity: (key) => `kind: pkcs11, module: ${module}, uri: "pkcs11:token=${label};object=${key}"` };
}

/** The issuer's part of an enrolment: the file of a certificate for a request. */
export function signRequest(authority: Authority, request: string, name: string): string {
  const [csr, certificate] = [path.join(authority.dir, `${name}.csr`), path.join(authority.dir, `${name}.pem`)];
  fs.writeFileSync(csr, request);
  fs.writeFileSync(`${csr}.ext`, "extendedKeyUsage=clientAuth\n");
  const words = [
    "x509",
    "-req",
    "-in",
    csr,
    "-CA",
    authority.cert,
    "-CAkey",
    "ca.key",
    "-CAcreateserial",
    "-days",
    "3",
    "-out",
    certificate,
  ];
  execFileSync("openssl", [...words, "-extfile", `${csr}.ext`], { cwd: authority.dir, stdio: "pipe" });
  return certificate;
}
