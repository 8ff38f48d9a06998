import fs from "node:fs";
import path from "node:path";
import type { Status } from "../../agent/contract/index.ts";
import {
  type Agent,
  connectionLike,
  eventually,
  expect,
  type Lab,
  openTunnel,
  run,
  test,
  type Authority,
  createAuthority,
  type Issued,
} from "../rig/index.ts";

const allow = "portail policy 1\npolicy all { when true allow }\n";
const throughFar = `${allow}route far { use ["far"] }\n`;

interface Ends {
  readonly near: Agent;
  readonly far: Agent;
  readonly authority: Authority;
  readonly server: Issued;
  readonly client: Issued;
  readonly nearConfig: (more?: string) => string;
}

interface EndsOptions {
  readonly kind?: "socks5" | "http" | "http2";
  readonly farPolicy?: string;
  readonly serverNames?: readonly string[];
  readonly client?: (authority: Authority) => Issued;
  readonly crl?: boolean;
}

/** A laptop's agent, and the far end, whose listener takes mutual TLS only. */
async function twoAgents(lab: Lab, options: EndsOptions = {}): Promise<Ends> {
  const { kind = "socks5", farPolicy = allow, serverNames = ["DNS:gw.test"], crl = false } = options;
  const authority = createAuthority(lab.dir);
  const server = authority.issue("gateway", { names: serverNames });
  const client =
    options.client?.(authority) ?? authority.issue("laptop", { use: "clientAuth", names: ["URI:spiffe://lab/laptop", "DNS:laptop.test"] });
  const list = crl ? `, crl: "${authority.crl()}"` : "";
  const far = await lab.agent({
    config: `watch: none\nlisteners:\n  edge: { kind: proxy, listen: 127.0.0.1:0, users: any, tls: { cert: "${server.cert}", key: "${server.key}", client_ca: "${authority.cert}"${list} } }\n`,
    policy: farPolicy,
  });
  const nearConfig = (more = `server_name: gw.test, ca: "${authority.cert}", identity: laptop`) =>
    `listeners: { local: { kind: proxy, listen: 127.0.0.1:0 } }\n` +
    `backends:\n  far: { kind: ${kind}, address: "${far.address("edge")}", tls: { ${more} } }\n` +
    `identities:\n  laptop: { kind: file, cert: "${client.cert}", key: "${client.key}" }\n`;
  const near = await lab.agent({ config: nearConfig(), policy: throughFar });
  return { near, far, authority, server, client, nearConfig };
}

const curl = (agent: Agent, scheme: string, url: string, ...more: readonly string[]) =>
  run("curl", ["-sS", "--max-time", "15", "-p", "-x", `${scheme}://${agent.address()}`, ...more, url]);

for (const kind of ["socks5", "http", "http2"] as const) {
  test(`curl reaches a service behind another agent with mutual TLS through a ${kind} backend, by SOCKS5 and by CONNECT`, async ({
    lab,
  }) => {
    const origin = await lab.http();
    const { near, far } = await twoAgents(lab, { kind });
    for (const scheme of ["socks5h", "http"]) {
      for (let at = 0; at < 3; at++) {
        const got = await curl(near, scheme, origin.url.replace("127.0.0.1", "localhost"));
        expect(got).toMatchObject({ code: 0, stdout: "hello from the origin\n" });
      }
    }
    await connectionLike(near, { backend: "far", end: "served", host: "localhost" });
    await connectionLike(far, { backend: "direct", end: "served", host: "localhost", listener: "edge" });
    const { identities } = await near.json<Status>(["status"]);
    expect(identities).toContainEqual(expect.objectContaining({ name: "laptop", subject: "O=Lab, CN=laptop", issuer: "O=Lab, CN=Lab CA" }));
  });
}

for (const kind of ["socks5", "http2"] as const) {
  test(`a megabyte goes both ways through mutual TLS by ${kind}, and half-close still brings the answer`, async ({ lab }) => {
    const size = 3_000_000;
    const origin = await lab.tcp((socket) => {
      let seen = 0;
      socket.on("data", (chunk: Buffer) => (seen += chunk.length));
      socket.on("end", () => socket.end(Buffer.alloc(seen / 2)));
    });
    const { near } = await twoAgents(lab, { kind });
    const nc = await run("nc.openbsd", ["-N", "-X", "5", "-x", near.address(), "127.0.0.1", String(origin.port)], {
      input: Buffer.alloc(size, "x"),
    });
    expect(nc.stdout.length).toBe(size / 2);
    await connectionLike(near, { up: size, down: size / 2, end: "served", backend: "far" });
  });
}

test("the far end's policy reads who came by the client certificate", async ({ lab }) => {
  const origin = await lab.http();
  const farPolicy = `portail policy 1
policy laptop {
  when has(client.cert.sans) and "URI:spiffe://lab/laptop" in client.cert.sans
    and (client.cert.subject ?? "") == "O=Lab, CN=laptop" and (client.cert.issuer ?? "") == "O=Lab, CN=Lab CA"
  allow
}
`;
  const { near, far, authority } = await twoAgents(lab, { farPolicy });
  expect(await curl(near, "socks5h", origin.url)).toMatchObject({ code: 0 });
  const other = authority.issue("stranger", { use: "clientAuth" });
  const config = fs.readFileSync(path.join(near.dir, "portail.yaml"), "utf8");
  near.writeConfig(
    config.replaceAll(/laptop\.(pem|key)/g, (_all, ending: string) =>
      ending === "pem" ? path.basename(other.cert) : path.basename(other.key),
    ),
  );
  expect((await near.portail(["reload"])).code).toBe(0);
  expect((await curl(near, "http", origin.url, "-o", "/dev/null", "-w", "%{http_connect}")).stdout).toBe("403");
  await connectionLike(far, { end: "POLICY_DENIED" });
  await connectionLike(near, { end: "DIAL_BACKEND_DENIED" });
});

test("on a TLS port nothing is served in clear, and nobody without an accepted certificate gets in", async ({ lab }) => {
  const origin = await lab.http();
  const { far, authority } = await twoAgents(lab);
  const url = `https://${far.address("edge")}`;
  for (const scheme of ["socks5h", "http"]) {
    expect((await run("curl", ["-sS", "-m", "5", "-p", "-x", `${scheme}://${far.address("edge")}`, origin.url])).code).not.toBe(0);
  }
  const proxy = ["-sS", "-m", "5", "-p", "-x", url, "--proxy-insecure"];
  expect((await run("curl", [...proxy, origin.url])).code).not.toBe(0);
  const stranger = createAuthority(lab.dir, "Other CA").issue("laptop", { use: "clientAuth" });
  expect((await run("curl", [...proxy, "--proxy-cert", stranger.cert, "--proxy-key", stranger.key, origin.url])).code).not.toBe(0);
  const expired = authority.issue("old", { use: "clientAuth", fromDays: -20, untilDays: -10 });
  expect((await run("curl", [...proxy, "--proxy-cert", expired.cert, "--proxy-key", expired.key, origin.url])).code).not.toBe(0);
  expect(origin.seen).toBe(0);
  await eventually(() => {
    expect(far.log()).toContain("TLS_REQUIRED");
    expect(far.log()).toContain("TLS_CLIENT_UNVERIFIED");
    expect(far.log()).toContain("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
    expect(far.log()).toContain("CERT_HAS_EXPIRED");
  });
});

test("a certificate that is revoked while everything runs opens no new connection, and living ones go on", async ({ lab }) => {
  const origin = await lab.http();
  const { near, far, authority, client } = await twoAgents(lab, { crl: true });
  for (let at = 0; at < 2; at++) expect(await curl(near, "socks5h", origin.url)).toMatchObject({ code: 0 });
  const echo = await lab.tcp();
  const living = await openTunnel(near.port(), { port: echo.port });
  expect(living.reply).toBe(0);
  authority.revoke(client);
  authority.crl();
  expect((await far.portail(["reload"])).stdout).toContain("was renewed");
  // Without the direct way as the last resort, so that the far end is what counts.
  near.writePolicy(throughFar.replace("when true", "when not request.direct"));
  await near.portail(["reload"]);
  expect((await curl(near, "socks5h", origin.url)).code).not.toBe(0);
  expect(origin.seen).toBe(2);
  await eventually(() => expect(far.log()).toContain("CERT_REVOKED"));
  living.write("still here");
  expect(await living.read(10)).toBe("still here");
  living.socket.destroy();
});
