import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import type { HandshakeStory, Status } from "../../agent/contract/index.ts";
import {
  type Agent,
  createAuthority,
  eventually,
  expect,
  freePort,
  hasAuthorities,
  type Lab,
  makeToken,
  openTunnel,
  run,
  startEst,
  startStepCa,
  test,
} from "../rig/index.ts";

test.skip(!hasAuthorities, "the set-up could not build the authorities (node build/scripts/setup/peers.mjs)");

const allow = "portail policy 1\npolicy all { when true allow }\n";
/** Out through the far end, or not at all. */
const onlyFar = `portail policy 1\npolicy all { when not request.direct allow }\nroute far { use ["far"] }\n`;
const listeners = "listeners: { local: { kind: proxy, listen: 127.0.0.1:0 } }\n";

const certificateIn = (dir: string) => new X509Certificate(fs.readFileSync(path.join(dir, "device.pem")));

/** The far end, which takes the certificates of `clientCa` only, and the line that makes it a backend. */
async function farEnd(lab: Lab, clientCa: string): Promise<{ readonly far: Agent; readonly backend: string }> {
  const authority = createAuthority(lab.dir, "Servers");
  const server = authority.issue("gateway", { names: ["DNS:gw.test"] });
  const tls = `{ cert: "${server.cert}", key: "${server.key}", client_ca: "${clientCa}" }`;
  const far = await lab.agent({
    config: `watch: none\nlisteners:\n  edge: { kind: proxy, listen: 127.0.0.1:0, users: any, tls: ${tls} }\n`,
    policy: allow,
  });
  const trust = `{ server_name: gw.test, ca: "${authority.cert}", identity: device }`;
  return { far, backend: `backends:\n  far: { kind: socks5, address: "${far.address("edge")}", tls: ${trust} }\n` };
}

const story = async (agent: Agent, ...words: readonly string[]): Promise<HandshakeStory & { readonly code: number | null }> => {
  const ran = await agent.portail(["identity", ...words, "--json"]);
  return { ...(JSON.parse(ran.stdout) as HandshakeStory), code: ran.code };
};

test("EST gives a first certificate and the next one by mutual TLS, and curl goes out with it at once", async ({ lab }) => {
  const est = await startEst(lab.dir);
  lab.after(() => est.close());
  const origin = await lab.http();
  const { backend } = await farEnd(lab, est.issuer);
  const near = await lab.agent({
    config: `${listeners}${backend}identities:
  device:
    kind: file
    cert: device.pem
    key: device.key
    enroll: { kind: est, url: "${est.url}", ca: "${est.root}", subject: { common_name: laptop-17, organization: Corp }, names: ["dns:laptop-17.corp.example"] }
`,
    policy: onlyFar,
  });
  const curl = () => run("curl", ["-sS", "--max-time", "15", "-p", "-x", `socks5h://${near.address()}`, origin.url]);
  expect((await curl()).code).not.toBe(0);

  const first = await near.portail(["identity", "enroll", "device"]);
  expect(first).toMatchObject({ code: 0 });
  expect(first.stdout).toMatch(/A new key was made[^]*Asking: EST at 127\.0\.0\.1[^]*It came and was checked[^]*next handshake/);
  expect(fs.statSync(path.join(near.dir, "device.key")).mode & 0o777).toBe(0o600);
  const before = certificateIn(near.dir);
  expect(before.subject).toContain("CN=laptop-17");
  expect(await curl()).toMatchObject({ code: 0, stdout: "hello from the origin\n" });

  const echo = await lab.tcp((socket) => void socket.pipe(socket));
  const open = await openTunnel(near.port(), { port: echo.port });
  open.write("before");
  expect(await open.read(6)).toBe("before");
  expect(await story(near, "renew", "device")).toMatchObject({ ok: true, code: 0 });
  open.write("after");
  expect(await open.read(5)).toBe("after");
  open.end();
  const after = certificateIn(near.dir);
  expect(after.serialNumber).not.toBe(before.serialNumber);
  expect(after.publicKey.equals(before.publicKey)).toBe(true);
  expect(await curl()).toMatchObject({ code: 0 });
});

test("step-ca takes its one-time token once, from a file or from the person, and says why it refuses", async ({ lab }) => {
  const ca = await startStepCa(lab.dir);
  lab.after(() => ca.close());
  const token = path.join(lab.dir, "one-time");
  const config = (more: string) => `${listeners}identities:
  device: { kind: file, cert: device.pem, key: device.key, enroll: { kind: step-ca, url: "${ca.url}", ca: "${ca.root}"${more} } }
`;
  fs.writeFileSync(token, ca.token("laptop-17", ["laptop-17.corp.example", "ann@corp.example"]), { mode: 0o600 });
  const near = await lab.agent({ config: config(`, token: "file:${token}"`) });
  expect(await story(near, "enroll", "device")).toMatchObject({ ok: true, code: 0 });
  const first = certificateIn(near.dir);
  expect(first.subject).toBe("CN=laptop-17");
  expect(first.subjectAltName).toBe("DNS:laptop-17.corp.example, email:ann@corp.example");

  const again = await story(near, "enroll", "device");
  expect(again).toMatchObject({ ok: false, code: 1 });
  expect(again.steps.at(-1)).toMatchObject({ ok: false, code: "ENROL_LOGIN" });
  expect(certificateIn(near.dir).serialNumber).toBe(first.serialNumber);

  near.writeConfig(config(""));
  expect(await near.portail(["reload"])).toMatchObject({ code: 0 });
  const asked = await near.portail(["identity", "enroll", "device"], { input: `${ca.token("laptop-18")}\n` });
  expect(asked).toMatchObject({ code: 0 });
  expect(asked.stderr).toContain("One-time token of 127.0.0.1");
  expect(certificateIn(near.dir).subject).toBe("CN=laptop-18");
});

test("a certificate is renewed by itself, tells when it could not be, and the good one stays", async ({ lab }) => {
  const ca = await startStepCa(lab.dir, { life: "14s" });
  const token = path.join(lab.dir, "one-time");
  fs.writeFileSync(token, ca.token("laptop-17"), { mode: 0o600 });
  const { backend } = await farEnd(lab, ca.issuer);
  const origin = await lab.http();
  const near = await lab.agent({
    config: `${listeners}${backend}identities:
  device: { kind: file, cert: device.pem, key: device.key, enroll: { kind: step-ca, url: "${ca.url}", ca: "${ca.root}", token: "file:${token}", renew_before: 10s } }
`,
    policy: onlyFar,
  });
  expect(await story(near, "enroll", "device")).toMatchObject({ ok: true });
  const first = certificateIn(near.dir).serialNumber;
  await eventually(() => expect(certificateIn(near.dir).serialNumber).not.toBe(first), 20_000);
  const curl = () => run("curl", ["-sS", "--max-time", "15", "-p", "-x", `socks5h://${near.address()}`, origin.url]);
  expect(await curl()).toMatchObject({ code: 0 });

  await ca.close();
  await eventually(async () => {
    const { alarms } = await near.json<Status>(["status"]);
    expect(alarms).toContainEqual(
      expect.objectContaining({ code: "TLS_EXPIRES_SOON", detail: expect.stringContaining("was not renewed") }),
    );
  }, 20_000);
  const last = certificateIn(near.dir);
  expect(last.validToDate.getTime()).toBeGreaterThan(Date.now());
  expect(await curl()).toMatchObject({ code: 0 });
  const exported = await near.portail(["audit", "--json"]);
  for (const event of ["certificate_enrolled", "certificate_renewed", "certificate_not_renewed"]) expect(exported.stdout).toContain(event);
});

test("ACME proves the device's name and gives a certificate, and the next one", async ({ lab }) => {
  const proofPort = await freePort();
  const ca = await startStepCa(lab.dir, { proofPort });
  lab.after(() => ca.close());
  const near = await lab.agent({
    config: `${listeners}identities:
  device:
    kind: file
    cert: device.pem
    key: device.key
    enroll: { kind: acme, url: "${ca.acme}", ca: "${ca.root}", account: account.key, names: ["ip:127.0.0.1"], http_challenge: "127.0.0.1:${proofPort}" }
`,
  });
  expect(await story(near, "enroll", "device")).toMatchObject({ ok: true, code: 0 });
  const first = certificateIn(near.dir);
  expect(first.subjectAltName).toBe("IP Address:127.0.0.1");
  expect(fs.statSync(path.join(near.dir, "account.key")).mode & 0o777).toBe(0o600);
  expect(await story(near, "renew", "device")).toMatchObject({ ok: true, code: 0 });
  expect(certificateIn(near.dir).serialNumber).not.toBe(first.serialNumber);
});

test("a key in a token is made, enrolled and renewed there", async ({ lab }) => {
  const est = await startEst(lab.dir);
  lab.after(() => est.close());
  const token = makeToken(lab.dir, "161803-golden");
  const pin = path.join(lab.dir, "pin");
  fs.writeFileSync(pin, token.pin, { mode: 0o600 });
  const { backend } = await farEnd(lab, est.issuer);
  const origin = await lab.http();
  const near = await lab.agent({
    config: `${listeners}${backend}identities:
  device:
    kind: pkcs11
    uri: "pkcs11:token=portail;object=device"
    module: ${token.modulePath}
    pin: "file:${pin}"
    enroll: { kind: est, url: "${est.url}", ca: "${est.root}", subject: { common_name: laptop-17 } }
`,
    policy: onlyFar,
  });
  const curl = () => run("curl", ["-sS", "--max-time", "15", "-p", "-x", `socks5h://${near.address()}`, origin.url]);
  const serial = async () =>
    (await near.json<{ readonly chain: readonly { readonly serial: string }[] }>(["identity", "show", "device"])).chain[0]?.serial;
  expect(await story(near, "enroll", "device")).toMatchObject({ ok: true });
  const first = await serial();
  expect(await curl()).toMatchObject({ code: 0 });
  expect(await story(near, "renew", "device")).toMatchObject({ ok: true });
  expect(await serial()).not.toBe(first);
  expect(await curl()).toMatchObject({ code: 0 });
});

test("an authority that is not the right one gets nothing, and nothing is changed", async ({ lab }) => {
  const ca = await startStepCa(lab.dir);
  lab.after(() => ca.close());
  const stranger = createAuthority(lab.dir, "Stranger");
  const near = await lab.agent({
    config: `${listeners}identities:
  device: { kind: file, cert: device.pem, key: device.key, enroll: { kind: est, url: "${ca.url}", ca: "${stranger.cert}" } }
  nobody: { kind: file, cert: nobody.pem, key: nobody.key, enroll: { kind: est, url: "https://127.0.0.1:1" } }
  other: { kind: file, cert: other.pem, key: other.key, enroll: { kind: est, url: "${ca.url}", ca: "${ca.root}" } }
`,
  });
  const codeOf = async (name: string) => (await story(near, "enroll", name)).steps.at(-1)?.code;
  expect(await codeOf("device")).toBe("TLS_UNKNOWN_ISSUER");
  expect(await codeOf("nobody")).toBe("ENROL_UNREACHABLE");
  expect(await codeOf("other")).toBe("ENROL_REFUSED");
  for (const name of ["device", "nobody", "other"]) expect(fs.existsSync(path.join(near.dir, `${name}.pem`))).toBe(false);
});

test("a PKCS#12 container whose password is in a file, or is typed, opens mutual TLS", async ({ lab }) => {
  const authority = createAuthority(lab.dir);
  const { cert, key } = authority.issue("device", { use: "clientAuth" });
  const word = path.join(lab.dir, "word");
  fs.writeFileSync(word, "correct horse", { mode: 0o600 });
  const { backend } = await farEnd(lab, authority.cert);
  const origin = await lab.http();
  const near = await lab.agent({ config: listeners, policy: onlyFar });
  const box = path.join(near.dir, "device.p12");
  execFileSync("openssl", ["pkcs12", "-export", "-in", cert, "-inkey", key, "-out", box, "-passout", `file:${word}`], { stdio: "pipe" });
  const curl = () => run("curl", ["-sS", "--max-time", "15", "-p", "-x", `socks5h://${near.address()}`, origin.url]);
  near.writeConfig(
    `${listeners}${backend}identities:\n  device: { kind: file, p12: device.p12, password: "file:${word}" }\npolicy: policy.portail\n`,
  );
  expect(await near.portail(["reload"])).toMatchObject({ code: 0 });
  expect(await curl()).toMatchObject({ code: 0 });

  const locked = path.join(near.dir, "locked.key");
  execFileSync("openssl", ["pkey", "-in", key, "-aes256", "-passout", `file:${word}`, "-out", locked], { stdio: "pipe" });
  fs.chmodSync(locked, 0o600);
  near.writeConfig(
    `${listeners}${backend}identities:\n  device: { kind: file, cert: "${cert}", key: locked.key }\npolicy: policy.portail\n`,
  );
  expect(await near.portail(["reload"])).toMatchObject({ code: 0 });
  expect(await near.portail(["identity", "show", "device"], { input: "correct horse\n" })).toMatchObject({ code: 0 });
  expect(await curl()).toMatchObject({ code: 0 });
});
