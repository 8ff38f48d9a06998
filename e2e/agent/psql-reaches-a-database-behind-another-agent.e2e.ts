import fs from "node:fs";
import path from "node:path";
import { type Agent, connectionLike, createAuthority, expect, type Lab, run, test } from "../rig/index.ts";
import { startPostgres } from "../rig/postgres.ts";

const policy = 'portail policy 1\npolicy all { when not request.direct allow }\nroute far { use ["far"] }\n';
const query = "select sum(length(repeat('x', 1000) || n)) from generate_series(1, 20000) n; select repeat('y', 3000000)";

/** A laptop's agent whose only way out is another agent that takes mutual TLS only. */
async function nearAgent(lab: Lab, kind: "socks5" | "http"): Promise<Agent> {
  const authority = createAuthority(lab.dir);
  const server = authority.issue("gateway", { names: ["DNS:gw.test"] });
  const client = authority.issue("laptop", { use: "clientAuth" });
  const far = await lab.agent({
    config: `listeners:\n  edge: { kind: proxy, listen: 127.0.0.1:0, users: any, tls: { cert: "${server.cert}", key: "${server.key}", client_ca: "${authority.cert}" } }\n`,
    policy: "portail policy 1\npolicy all { when has(client.cert.subject) allow }\n",
  });
  return lab.agent({
    config:
      "listeners: { local: { kind: proxy, listen: 127.0.0.1:0 } }\n" +
      `backends:\n  far: { kind: ${kind}, address: "${far.address("edge")}", tls: { server_name: gw.test, ca: "${authority.cert}", identity: laptop } }\n` +
      `identities:\n  laptop: { kind: file, cert: "${client.cert}", key: "${client.key}" }\n`,
    policy,
  });
}

for (const kind of ["socks5", "http"] as const) {
  test(`psql and curl, unmodified, reach a database and a site behind another agent by SOCKS5 and by CONNECT (${kind} with mutual TLS in between)`, async ({
    lab,
  }) => {
    const [database, origin] = [await startPostgres(), await lab.http()];
    lab.after(database.close);
    const near = await nearAgent(lab, kind);
    for (const way of ["socks5", "http"]) {
      const chain = path.join(lab.dir, `proxychains-${way}.conf`);
      fs.writeFileSync(chain, `strict_chain\n[ProxyList]\n${way} 127.0.0.1 ${near.port()}\n`);
      const target = `host=127.0.0.1 port=${database.port} user=lab dbname=postgres connect_timeout=15`;
      const asked = await run("proxychains4", ["-q", "-f", chain, "psql", "-X", "-A", "-t", "-d", target, "-c", query]);
      expect(asked).toMatchObject({ code: 0, stderr: "" });
      expect(asked.stdout).toBe(`20088894\n${"y".repeat(3_000_000)}\n`);
      const proxy = way === "http" ? `http://${near.address()}` : `socks5h://${near.address()}`;
      expect(await run("curl", ["-sS", "-m", "15", "-p", "-x", proxy, origin.url])).toMatchObject({
        code: 0,
        stdout: "hello from the origin\n",
      });
    }
    await connectionLike(near, { backend: "far", port: database.port, end: "served" });
  });
}

test("psql reaches it through a forwarder that speaks CONNECT", async ({ lab }) => {
  const database = await startPostgres();
  lab.after(database.close);
  const near = await nearAgent(lab, "http");
  const socket = path.join(lab.dir, `.s.PGSQL.${database.port}`);
  const through = `PROXY:127.0.0.1:127.0.0.1:${database.port},proxyport=${near.port()}`;
  const command = `socat UNIX-LISTEN:'${socket}' ${through} & psql -X -A -t -d 'host=${lab.dir} port=${database.port} user=lab dbname=postgres' -c 'select 6 * 7'; wait`;
  const waiting = `while ! [ -S '${socket}' ]; do sleep 0.05; done`;
  const asked = await run("sh", ["-c", command.replace(" & psql", ` & ${waiting}; psql`)]);
  expect(asked).toMatchObject({ code: 0, stdout: "42\n" });
});
