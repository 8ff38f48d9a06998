import fs from "node:fs";
import path from "node:path";
import type { ConnectionView } from "../../agent/contract/index.ts";
import { type Agent, browse, connectionLike, createAuthority, expect, type Lab, run, test } from "../rig/index.ts";
import { startNghttpx } from "../rig/proxies.ts";

const allow = "portail policy 1\npolicy all { when true allow }\n";

/** An agent whose listener is TLS; `asks`: for client certificates too. */
async function tlsAgent(lab: Lab, asks: boolean, policy = allow) {
  const authority = createAuthority(lab.dir);
  const server = authority.issue("gateway", { names: ["DNS:gw.test", "IP:127.0.0.1"] });
  const client = authority.issue("laptop", { use: "clientAuth", names: ["DNS:laptop.test"] });
  const clientCa = asks ? `, client_ca: "${authority.cert}"` : "";
  const agent = await lab.agent({
    config: `listeners:\n  edge: { kind: proxy, listen: 127.0.0.1:0, users: any, tls: { cert: "${server.cert}", key: "${server.key}"${clientCa} } }\n`,
    policy,
  });
  return { agent, authority, client };
}

const viaHttp2 = async (agent: Agent) => (await agent.json<ConnectionView[]>(["connections"])).filter(({ protocol }) => protocol === "h2");

test("chromium speaks HTTP/2 to a TLS listener, for pages in clear and for tunnels", async ({ lab }) => {
  const { agent } = await tlsAgent(lab, false);
  const origin = await lab.http((_, response) => response.setHeader("content-type", "text/html").end("<p>over one connection</p>"));
  const tunnelled = await lab.tcp((socket) => void socket.end("no TLS here"));
  const proxy = `https://${agent.address("edge")}`;
  const more = ["--ignore-certificate-errors"];
  expect((await browse(origin.url, { proxy, dir: lab.dir, more })).stdout).toContain("over one connection");
  await connectionLike(agent, { protocol: "h2", port: origin.port, end: "served", listener: "edge" });
  await browse(`https://127.0.0.1:${tunnelled.port}/`, { proxy, dir: lab.dir, more });
  await connectionLike(agent, { protocol: "h2", port: tunnelled.port, listener: "edge" });
});

test("nghttpx as another proxy in front asks by HTTP/2 for what its own clients ask by HTTP/1.1", async ({ lab }) => {
  const origin = await lab.http();
  const agent = await lab.agent();
  const front = await startNghttpx(`${agent.port()};;proto=h2`, {});
  lab.after(() => front.close());
  const curl = (...more: readonly string[]) =>
    run("curl", ["-sS", "-m", "15", "-x", `http://127.0.0.1:${front.port}`, ...more, origin.url]);
  for (const more of [[], ["-p"], ["-d", "a=b"]]) expect(await curl(...more)).toMatchObject({ code: 0, stdout: "hello from the origin\n" });
  const methods = (await viaHttp2(agent)).map(({ method }) => method);
  expect(new Set(methods)).toEqual(new Set(["CONNECT", "GET", "POST"]));
});

/** An independent implementation: three tunnels and a request in clear on one connection, then what each brought. */
const python = `
import json, socket, ssl, sys
import h2.config, h2.connection, h2.events
port, target, cert, key, ca = int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:6]
sock = socket.create_connection(("127.0.0.1", port))
if cert:
    context = ssl.create_default_context(cafile=ca)
    context.set_alpn_protocols(["h2"])
    context.load_cert_chain(cert, key)
    sock = context.wrap_socket(sock, server_hostname="gw.test")
    assert sock.selected_alpn_protocol() == "h2"
c = h2.connection.H2Connection(h2.config.H2Configuration(validate_outbound_headers=False))
c.initiate_connection()
authority = "127.0.0.1:%d" % target
for stream in (1, 3, 5):
    c.send_headers(stream, [(":method", "CONNECT"), (":authority", authority)])
c.send_headers(7, [(":method", "GET"), (":scheme", "http"), (":authority", authority), (":path", "/")], end_stream=True)
sock.sendall(c.data_to_send())
got, over = {1: "", 3: "", 5: "", 7: ""}, {}
while len(over) < 4:
    for event in c.receive_data(sock.recv(65536)):
        if isinstance(event, h2.events.ResponseReceived):
            over_status = dict(event.headers)[b":status" if b":status" in dict(event.headers) else ":status"]
            got[event.stream_id] += (over_status.decode() if isinstance(over_status, bytes) else over_status) + " "
            if event.stream_id != 7:
                c.send_data(event.stream_id, b"GET / HTTP/1.0\\r\\n\\r\\n", end_stream=True)
        if isinstance(event, h2.events.DataReceived):
            got[event.stream_id] += event.data.decode()
            c.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        if isinstance(event, h2.events.StreamEnded): over[event.stream_id] = "ended"
        if isinstance(event, h2.events.StreamReset): over[event.stream_id] = "reset"
    sock.sendall(c.data_to_send())
c.close_connection()
sock.sendall(c.data_to_send())
print(json.dumps([got, over]))
`;

const speak = async (lab: Lab, args: readonly string[]) => {
  const script = path.join(lab.dir, "speak.py");
  fs.writeFileSync(script, python);
  const { code, stdout, stderr } = await run("/usr/bin/python3", [script, ...args]);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return JSON.parse(stdout) as [Record<string, string>, Record<string, string>];
};

for (const way of ["in clear, with prior knowledge", "by TLS with a client certificate"]) {
  test(`another implementation opens several tunnels on one connection ${way}`, async ({ lab }) => {
    const origin = await lab.http((_, response) => response.end("hello"));
    const isTls = way.startsWith("by TLS");
    const certified = `portail policy 1\npolicy laptop { when (client.cert.subject ?? "") == "O=Lab, CN=laptop" allow }\n`;
    const { agent, authority, client } = isTls
      ? await tlsAgent(lab, true, certified)
      : { agent: await lab.agent(), authority: undefined, client: undefined };
    const shown = [client?.cert ?? "", client?.key ?? "", authority?.cert ?? ""];
    const [got, over] = await speak(lab, [String(agent.port(isTls ? "edge" : undefined)), String(origin.port), ...shown]);
    for (const stream of ["1", "3", "5"]) expect(got[stream]).toMatch(/^200 HTTP\/1\.1 200 OK[^]*hello$/);
    expect(got["7"]).toBe("200 hello");
    expect(over).toEqual({ 1: "ended", 3: "ended", 5: "ended", 7: "ended" });
    await expect.poll(async () => (await viaHttp2(agent)).filter(({ end }) => end === "served").length).toBe(4);
    expect(new Set((await viaHttp2(agent)).map(({ incident }) => incident)).size).toBe(4);
  });
}
