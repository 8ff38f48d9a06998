import type http from "node:http";
import net from "node:net";
import { connectionLike, expect, type Lab, run, talk, test } from "../rig/index.ts";

async function startLab(lab: Lab) {
  const heard: http.IncomingMessage[] = [];
  const bodies: string[] = [];
  const origin = await lab.http((request, response) => {
    heard.push(request);
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      bodies.push(Buffer.concat(parts).toString());
      response.setHeader("Keep-Alive", "timeout=5");
      response.end(`heard ${request.method ?? ""} ${request.url ?? ""}\n`);
    });
  });
  const agent = await lab.agent();
  return { origin, agent, heard, bodies, authority: `127.0.0.1:${origin.port}` };
}

const smuggled: readonly (readonly [name: string, head: (at: string) => string])[] = [
  ["two different lengths", (at) => `POST http://${at}/ HTTP/1.1\r\nHost: ${at}\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`],
  [
    "a length and chunks",
    (at) => `POST http://${at}/ HTTP/1.1\r\nHost: ${at}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  ["a bare line feed", (at) => `GET http://${at}/ HTTP/1.1\nHost: ${at}\n\n`],
  ["a bare carriage return in a field", (at) => `GET http://${at}/ HTTP/1.1\r\nHost: ${at}\r\nX: a\rb\r\n\r\n`],
  ["a space before the colon", (at) => `GET http://${at}/ HTTP/1.1\r\nHost : ${at}\r\n\r\n`],
  ["a folded line", (at) => `GET http://${at}/ HTTP/1.1\r\nHost: ${at}\r\nX: a\r\n b\r\n\r\n`],
  ["an unknown transfer coding", (at) => `POST http://${at}/ HTTP/1.1\r\nHost: ${at}\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
  ["a length that is no number", (at) => `POST http://${at}/ HTTP/1.1\r\nHost: ${at}\r\nContent-Length: +5\r\n\r\nhello`],
  ["two hosts", (at) => `GET http://${at}/ HTTP/1.1\r\nHost: ${at}\r\nHost: evil.example\r\n\r\n`],
];

test("requests that two servers could read in two ways are refused with 400, closed, and never forwarded", async ({ lab }) => {
  const { origin, agent, authority } = await startLab(lab);
  for (const [name, head] of smuggled) {
    const answer = (await talk(agent.port(), head(authority))).toString();
    expect(answer, name).toMatch(/^HTTP\/1\.1 400 /);
  }
  expect(origin.seen).toBe(0);
});

test("a head without an end and a bad chunk end the connection, whatever the origin has heard by then", async ({ lab }) => {
  const { agent, authority, bodies } = await startLab(lab);
  const long = await talk(agent.port(), `GET http://${authority}/ HTTP/1.1\r\nHost: ${authority}\r\nX: ${"x".repeat(200_000)}`);
  expect(long.toString()).toMatch(/^HTTP\/1\.1 (400|431) /);
  await talk(
    agent.port(),
    `POST http://${authority}/ HTTP/1.1\r\nHost: ${authority}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n`,
  );
  expect(bodies).toEqual([]);
});

test("fields of one hop stay on their hop, and Via tells who forwarded", async ({ lab }) => {
  const { agent, heard, authority } = await startLab(lab);
  const fields = [
    "Connection: X-Private",
    "X-Private: secret",
    "Proxy-Authorization: Basic eDp5",
    "Keep-Alive: timeout=1",
    "X-Public: kept",
  ];
  const curl = await run("curl", [
    "-s",
    "-D",
    "-",
    "-x",
    `http://${agent.address()}`,
    ...fields.flatMap((field) => ["-H", field]),
    `http://${authority}/a?b`,
  ]);
  expect(curl.stdout).toContain("heard GET /a?b");
  expect(curl.stdout).toMatch(/^via: 1\.1 /im);
  const [request] = heard;
  expect(request?.headers).toMatchObject({ "x-public": "kept", host: authority });
  expect(request?.headers.via).toMatch(/^1\.1 /);
  for (const gone of ["x-private", "proxy-authorization", "proxy-connection", "keep-alive"])
    expect(request?.headers).not.toHaveProperty(gone);
});

test("several requests share one connection of the program, each judged and recorded by itself", async ({ lab }) => {
  const { agent, authority, heard } = await startLab(lab);
  const urls = ["one", "two", "three"].map((name) => `http://${authority}/${name}`);
  const curl = await run("curl", ["-s", "-v", "-x", `http://${agent.address()}`, ...urls]);
  expect(curl.stdout).toBe("heard GET /one\nheard GET /two\nheard GET /three\n");
  expect(curl.stderr.match(/Re-?using existing/gi)).toHaveLength(2);
  expect(heard.map(({ url }) => url)).toEqual(["/one", "/two", "/three"]);
  const { stdout } = await agent.portail(["audit", "--json", "--outcome", "allow"]);
  expect(stdout.trim().split("\n")).toHaveLength(3);
});

test("chunks, trailers and Expect go through", async ({ lab }) => {
  const { agent, authority, bodies, heard } = await startLab(lab);
  const body = "x".repeat(100_000);
  const big = await run(
    "curl",
    ["-s", "-x", `http://${agent.address()}`, "-H", "Expect: 100-continue", "--data-binary", "@-", `http://${authority}/big`],
    {
      input: body,
    },
  );
  expect(big.stdout).toBe("heard POST /big\n");
  const chunked = `POST http://${authority}/chunks HTTP/1.1\r\nHost: ${authority}\r\nConnection: close\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;note=a\r\n!\r\n0\r\nX-Sum: 6\r\n\r\n`;
  expect((await talk(agent.port(), chunked)).toString()).toContain("heard POST /chunks");
  expect(bodies).toEqual([body, "hello!"]);
  expect(heard[1]?.trailers).toEqual({ "x-sum": "6" });
});

test("an Upgrade to WebSocket becomes a tunnel, and what came with it is not lost", async ({ lab }) => {
  const agent = await lab.agent();
  const upgraded = await lab.tcp((socket) => {
    socket.once("data", () => {
      socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nfirst ");
      socket.pipe(socket);
    });
  });
  const at = `127.0.0.1:${upgraded.port}`;
  const socket = net.connect({ host: "127.0.0.1", port: agent.port() });
  lab.after(() => void socket.destroy());
  socket.write(`GET http://${at}/ HTTP/1.1\r\nHost: ${at}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
  let answer = "";
  socket.setEncoding("utf8").on("data", (text: string) => (answer += text));
  await expect.poll(() => answer).toMatch(/^HTTP\/1\.1 101 [\s\S]*first $/);
  socket.write("second");
  await expect.poll(() => answer).toMatch(/first second$/);
  socket.end();
  await connectionLike(agent, { port: upgraded.port, end: "served" });
});

test("a request that would come back to the agent itself is refused", async ({ lab }) => {
  const { agent } = await startLab(lab);
  for (const host of ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0"]) {
    const curl = await run("curl", ["-s", "-x", `http://${agent.address()}`, "--globoff", `http://${host}:${agent.port()}/`]);
    const { code } = JSON.parse(curl.stdout) as { code: string };
    expect(code, host).toMatch(/^(DIAL|HTTP)_LOOP$/);
  }
});
