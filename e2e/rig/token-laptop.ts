import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { type Authority, createAuthority } from "../../agent/testing/index.ts";
import type { Agent } from "./agent.ts";
import type { Lab } from "./lab.ts";
import { makeToken, type Token } from "./token.ts";

const allow = "portail policy 1\npolicy all { when true allow }\n";

/** A laptop whose key is in a token, and the far end, which takes mutual TLS only. */
export interface TokenLaptop {
  readonly near: Agent;
  readonly far: Agent;
  readonly authority: Authority;
  readonly token: Token;
  /** Log out of the token and forget every ticket: the next connection needs the PIN and the key. */
  forget(): Promise<void>;
}

/** Enrolled by the command line: the key was made in the token, its certificate signed by the lab's authority. */
export async function enrolledLaptop(lab: Lab, pin: string): Promise<TokenLaptop> {
  const authority = createAuthority(lab.dir);
  const token = makeToken(lab.dir, pin);
  const server = authority.issue("gateway", { names: ["DNS:gw.test"] });
  const far = await lab.agent({
    config: `listeners:\n  edge: { kind: proxy, listen: 127.0.0.1:0, users: any, tls: { cert: "${server.cert}", key: "${server.key}", client_ca: "${authority.cert}" } }\n`,
    policy: allow,
  });
  const near = await lab.agent({
    config: laptopConfig(token, { far: far.address("edge"), ca: authority.cert }),
    policy: laptopPolicy,
  });
  const request = await near.portail(["identity", "enroll", "laptop", "--common-name", "laptop-17"], { input: `${pin}\n` });
  if (request.code !== 0) throw new Error(`no key was made: ${request.stderr}`);
  const imported = await near.portail(["identity", "import", "laptop", sign(authority, request.stdout)]);
  if (imported.code !== 0) throw new Error(`the certificate was not imported: ${imported.stderr}`);
  const forget = async () => void (await near.json(["identity", "forget"]));
  await forget();
  return { near, far, authority, token, forget };
}

export const laptopPolicy = `${allow}route far { use ["far"] }\n`;

export function laptopConfig(token: Token, { far, ca }: { readonly far: string; readonly ca: string }): string {
  return (
    `listeners: { local: { kind: proxy, listen: 127.0.0.1:0 } }\n` +
    `backends:\n  far: { kind: socks5, address: "${far}", tls: { server_name: gw.test, ca: "${ca}", identity: laptop } }\n` +
    `identities:\n  laptop: { kind: pkcs11, module: ${token.modulePath}, uri: "pkcs11:token=${token.label}" }\n`
  );
}

/** The issuer's part of an enrolment, by the `openssl` program. */
export function sign(authority: Authority, request: string): string {
  const [csr, certificate] = [path.join(authority.dir, "token.csr"), path.join(authority.dir, "token.pem")];
  fs.writeFileSync(csr, request);
  fs.writeFileSync(`${csr}.ext`, "extendedKeyUsage=clientAuth\n");
  const words = ["x509", "-req", "-in", csr, "-CA", authority.cert, "-CAkey", "ca.key", "-set_serial", "4711", "-days", "3"];
  execFileSync("openssl", [...words, "-out", certificate, "-extfile", `${csr}.ext`], { cwd: authority.dir, stdio: "pipe" });
  return certificate;
}
