import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { type Agent, type Authority, createAuthority, expect, type Lab, run, test } from "../rig/index.ts";

const pin = "161803-golden";
const allow = "portail policy 1\npolicy all { when true allow }\n";
const softHsm = "/usr/lib/softhsm/libsofthsm2.so";

/** A SoftHSM token of this test alone; its module finds it by the environment. */
function makeToken(dir: string): NodeJS.ProcessEnv {
  const conf = path.join(dir, "softhsm2.conf");
  fs.mkdirSync(path.join(dir, "tokens"));
  fs.writeFileSync(conf, `directories.tokendir = ${path.join(dir, "tokens")}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  const env = { ...process.env, SOFTHSM2_CONF: conf };
  execFileSync("softhsm2-util", ["--init-token", "--free", "--label", "portail", "--so-pin", "5678-5678", "--pin", pin], {
    env,
    stdio: "pipe",
  });
  return { SOFTHSM2_CONF: conf };
}

/** The issuer's part of an enrolment. */
function sign(authority: Authority, request: string): string {
  const [csr, certificate] = [path.join(authority.dir, "token.csr"), path.join(authority.dir, "token.pem")];
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
    "-set_serial",
    "4711",
    "-days",
    "3",
    "-out",
    certificate,
  ];
  execFileSync("openssl", [...words, "-extfile", `${csr}.ext`], { cwd: authority.dir, stdio: "pipe" });
  return certificate;
}

interface Ends {
  readonly near: Agent;
  readonly far: Agent;
  readonly authority: Authority;
  readonly askedBy: (...words: readonly string[]) => ReturnType<Agent["portail"]>;
}

/** A laptop whose key is in a token, enrolled by the command line, and the far end, which takes mutual TLS only. */
async function enrolled(lab: Lab): Promise<Ends> {
  const authority = createAuthority(lab.dir);
  const server = authority.issue("gateway", { names: ["DNS:gw.test"] });
  const far = await lab.agent({
    config: `listeners:\n  edge: { kind: proxy, listen: 127.0.0.1:0, users: any, tls: { cert: "${server.cert}", key: "${server.key}", client_ca: "${authority.cert}" } }\n`,
    policy: allow,
  });
  const near = await lab.agent({
    config:
      `listeners: { local: { kind: proxy, listen: 127.0.0.1:0 } }\n` +
      `backends:\n  far: { kind: socks5, address: "${far.address("edge")}", tls: { server_name: gw.test, ca: "${authority.cert}", identity: laptop } }\n` +
      `identities:\n  laptop: { kind: pkcs11, module: ${softHsm}, uri: "pkcs11:token=portail" }\n`,
    policy: `${allow}route far { use ["far"] }\n`,
    env: makeToken(lab.dir),
  });
  const askedBy: Ends["askedBy"] = (...words) => near.portail(words, { input: `${pin}\n` });
  const request = await askedBy("identity", "enroll", "laptop", "--common-name", "laptop-17");
  expect(request).toMatchObject({ code: 0 });
  const imported = await near.portail(["identity", "import", "laptop", sign(authority, request.stdout), "--json"]);
  expect(JSON.parse(imported.stdout)).toMatchObject({ name: "laptop", state: "ready", subject: "CN=laptop-17", key: "ec prime256v1" });
  return { near, far, authority, askedBy };
}

const curl = (agent: Agent, url: string) => run("curl", ["-sS", "--max-time", "15", "-x", `socks5h://${agent.address()}`, url]);

test("a key made in a token, and certified, opens mutual TLS for an unmodified curl; the PIN leaves no trace", async ({ lab }) => {
  const origin = await lab.http();
  const { near, far, authority } = await enrolled(lab);
  for (let at = 0; at < 4; at++) expect(await curl(near, origin.url)).toMatchObject({ code: 0, stdout: "hello from the origin\n" });

  const told = await near.portail(["identity", "test", far.address("edge"), "--server-name", "gw.test", "--ca", authority.cert]);
  expect(told.stdout).toMatch(/^ok .*CN=laptop-17[^]*TLSv1\.3 with/);
  expect(told.code).toBe(0);
  const distrusted = await near.portail(["identity", "test", far.address("edge"), "--server-name", "gw.test"]);
  expect(distrusted).toMatchObject({ code: 1, stdout: expect.stringContaining("SELF_SIGNED_CERT_IN_CHAIN") });
  expect(distrusted.stdout, "advice of the runtime is for other programs").not.toContain("Node.js");

  for (const [place, text] of Object.entries(placesOf(near))) expect(text.includes(pin), `the PIN in ${place}`).toBe(false);
});

test("a token process that is killed costs a PIN, not the agent", async ({ lab }) => {
  const origin = await lab.http();
  const { near, askedBy } = await enrolled(lab);
  const [held] = childrenOf(near.pid);
  expect(held?.cmdline).toContain("token-process");
  process.kill(held?.pid ?? 0, "SIGKILL");
  // Tickets that were earned go on being good; the key itself wants its PIN again.
  expect(await askedBy("identity", "forget")).toMatchObject({ code: 0 });
  expect(await askedBy("identity", "show", "laptop")).toMatchObject({
    code: 0,
    stderr: expect.stringContaining("PIN of portail"),
  });
  expect(await curl(near, origin.url)).toMatchObject({ code: 0, stdout: "hello from the origin\n" });
  await near.stop();
  expect(childrenOf(near.pid)).toEqual([]);
});

function childrenOf(pid: number): { readonly pid: number; readonly cmdline: string }[] {
  const pids = fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((name) => {
    const stat = read(`/proc/${name}/stat`);
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    return parent === pid ? [{ pid: Number(name), cmdline: read(`/proc/${name}/cmdline`) }] : [];
  });
}

/** Everywhere where a PIN could have been left. */
function placesOf(agent: Agent): Record<string, string> {
  const files = fs.readdirSync(agent.stateDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => path.join(entry.parentPath, entry.name));
  const processes = [agent.pid, ...childrenOf(agent.pid).map(({ pid }) => pid)];
  return {
    log: agent.log(),
    ...Object.fromEntries(
      processes.flatMap((pid) => ["cmdline", "environ"].map((what) => [`/proc/${pid}/${what}`, read(`/proc/${pid}/${what}`)])),
    ),
    ...Object.fromEntries(paths.map((file) => [file, read(file)])),
  };
}

function read(file: string): string {
  try {
    return fs.readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
