import fs from "node:fs";
import http from "node:http";
import type net from "node:net";
import path from "node:path";
import { makeSoftTpm } from "../../agent/testing/index.ts";
import { type Agent, type Authority, createAuthority, eventually, expect, type Lab, run, test } from "../rig/index.ts";
import { startMicrosocks } from "../rig/proxies.ts";
import { frontNames, startFront, type TlsVersion } from "../rig/tls-fronts.ts";
import { makeToken } from "../rig/token.ts";
import { sign } from "../rig/token-laptop.ts";

/** 66 visits each; a busy machine may take its time. */
test.slow();

const allow = "portail policy 1\npolicy all { when true allow }\n";
/** Without this a way that fails would be gone around. */
const neverDirect = "portail policy 1\npolicy all { when not request.direct allow }\n";
const keys = { ec: "ec-p256", rsa: "rsa-2048" } as const;

/** A token, and how an identity of `portail.yaml` names the key with a label in it. */
interface LabToken {
  readonly pin: string;
  identity(key: string): string;
}

/** A server that ends mutual TLS with a SOCKS server behind it, and the address that is reached through it. */
interface Way {
  readonly name: string;
  readonly key: keyof typeof keys | "none";
  readonly address: string;
  ready(): void;
  /** Every connection through it goes to this address of the origin. */
  readonly origin: string;
}

/** On every address of loopback, so that a rule can tell ways apart by where they lead. */
async function startOrigin(lab: Lab): Promise<number> {
  const server = http.createServer((_request, answer) => void answer.setHeader("connection", "close").end("hello from the origin\n"));
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  lab.after(() => void server.close());
  return (server.address() as net.AddressInfo).port;
}

async function startFronts(lab: Lab, authority: Authority): Promise<Way[]> {
  const socks = await startMicrosocks();
  lab.after(socks.close);
  const fronts: Pick<Way, "name" | "address" | "ready">[] = [];
  for (const version of ["1.2", "1.3"] satisfies TlsVersion[]) {
    for (const name of frontNames) {
      const front = await startFront(name, { dir: lab.dir, behind: socks.port, version, authority });
      lab.after(front.close);
      fronts.push({ name: `${name}-${version.replace(".", "")}`, address: `127.0.0.1:${front.port}`, ready: front.ready });
    }
  }
  const { cert, key } = authority.issue("gateway", { names: ["DNS:gw.test"] });
  const far = await lab.agent({
    config: `listeners:\n  edge: { kind: proxy, listen: 127.0.0.1:0, users: any, tls: { cert: "${cert}", key: "${key}", client_ca: "${authority.cert}" } }\n`,
    policy: allow,
  });
  fronts.push({ name: "portail", address: far.address("edge"), ready: () => undefined });
  let count = 0;
  return fronts.flatMap((front) =>
    (["ec", "rsa", "none"] as const).map((key) => {
      count += 1;
      return { ...front, key, origin: `127.0.1.${count}` };
    }),
  );
}

/** An agent whose keys are made in the token, certified, and shown to all of them. */
async function enrolled(lab: Lab, token: LabToken): Promise<{ readonly near: Agent; readonly ways: readonly Way[] }> {
  const authority = createAuthority(lab.dir);
  const ways = await startFronts(lab, authority);
  const backends = ways.map(({ name, key, address }) => {
    const identity = key === "none" ? "" : `, identity: ${key}`;
    return `  ${name}-${key}: { kind: socks5, address: "${address}", tls: { server_name: gw.test, ca: "${authority.cert}"${identity} } }\n`;
  });
  const routes = ways.map(({ name, key, origin }, at) => `route way${at} { when request.host == "${origin}" use ["${name}-${key}"] }\n`);
  const pin = path.join(lab.dir, "pin");
  fs.writeFileSync(pin, `${token.pin}\n`, { mode: 0o600 });
  const identities = Object.keys(keys).map((key) => `  ${key}: { ${token.identity(key)}, pin: "file:${pin}" }\n`);
  const near = await lab.agent({
    config: `listeners: { local: { kind: proxy, listen: 127.0.0.1:0 } }\nbackends:\n${backends.join("")}identities:\n${identities.join("")}`,
    policy: `${neverDirect}${routes.join("")}`,
  });
  for (const [key, algorithm] of Object.entries(keys)) {
    const request = await near.portail(["identity", "enroll", key, "--common-name", `laptop-${key}`, "--algorithm", algorithm]);
    expect(request, request.stderr).toMatchObject({ code: 0 });
    const imported = await near.portail(["identity", "import", key, sign(authority, request.stdout)]);
    expect(imported, imported.stderr).toMatchObject({ code: 0 });
  }
  return { near, ways };
}

async function meetAll(lab: Lab, token: LabToken): Promise<void> {
  const port = await startOrigin(lab);
  const { near, ways } = await enrolled(lab, token);
  const clients = { socks5: ["-x", `socks5h://${near.address()}`], connect: ["--proxytunnel", "-x", `http://${near.address()}`] };
  for (const way of ways) {
    for (const [client, words] of Object.entries(clients)) {
      await eventually(() => way.ready());
      const asked = await run("curl", ["-sS", "--max-time", "20", ...words, `http://${way.origin}:${port}/`]);
      const story = `${client} through ${way.name} with ${way.key}: ${asked.stderr}${asked.stdout}`;
      if (way.key === "none") expect(asked.code, story).not.toBe(0);
      else expect(asked, story).toMatchObject({ code: 0, stdout: "hello from the origin\n" });
    }
  }
}

test("keys in SoftHSM meet five servers of others and a Portail, by TLS 1.2 and 1.3, for an unmodified curl", async ({ lab }) => {
  const { modulePath, label, pin } = makeToken(lab.dir, "161803-golden");
  await meetAll(lab, { pin, identity: (key) => `kind: pkcs11, module: ${modulePath}, uri: "pkcs11:token=${label};object=${key}"` });
});

test("keys in a TPM meet five servers of others and a Portail, by TLS 1.2 and 1.3, for an unmodified curl", async ({ lab }) => {
  const tpm = await makeSoftTpm(lab.dir);
  lab.after(() => tpm.stop());
  await meetAll(lab, { pin: tpm.pin, identity: (key) => `kind: tpm2, label: ${key}` });
});
