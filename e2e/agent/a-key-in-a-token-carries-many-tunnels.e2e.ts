import { type Agent, createAuthority, eventually, expect, type Lab, makeToken, openTunnel, run, test, type Token } from "../rig/index.ts";
import { controlCall } from "../rig/control-call.ts";
import { startCounter, startNghttpx, startTinyproxy } from "../rig/proxies.ts";
import { sign } from "../rig/token-laptop.ts";

const pin = "271828-copper";
const policy = 'portail policy 1\npolicy all { when not request.direct allow }\nroute out { use ["gw"] }\n';

interface Ends {
  readonly agent: Agent;
  readonly token: Token;
  /** Connections to the gateway so far: two for each that carries, because a thread of its own waits for the token, and what it agreed on with
   * the gateway is resumed on the second. */
  readonly reached: () => number;
}

/** A laptop whose key is in a token, logged out, and nghttpx, which takes mutual TLS only. */
async function enrolled(lab: Lab): Promise<Ends> {
  const authority = createAuthority(lab.dir);
  const server = authority.issue("gateway", { names: ["DNS:gw.test"] });
  const behind = await startTinyproxy(lab.dir);
  lab.after(behind.close);
  const gateway = await startNghttpx(behind.port, { tls: { key: server.key, cert: server.cert, clientCa: authority.cert } });
  lab.after(gateway.close);
  const front = await startCounter(gateway.port);
  lab.after(front.close);
  const token = makeToken(lab.dir, pin);
  const tls = `tls: { server_name: gw.test, ca: "${authority.cert}", identity: laptop }`;
  const agent = await lab.agent({
    config:
      "listeners: { local: { kind: proxy, listen: 127.0.0.1:0 } }\n" +
      `backends:\n  gw: { kind: http2, address: "127.0.0.1:${front.port}", ${tls} }\n` +
      `identities:\n  laptop: { kind: pkcs11, module: ${token.modulePath}, uri: "pkcs11:token=${token.label};object=laptop" }\n`,
    policy,
  });
  const request = await agent.portail(["identity", "enroll", "laptop", "--common-name", "laptop-17"], { input: `${pin}\n` });
  expect(request.code, request.stderr).toBe(0);
  expect(await agent.portail(["identity", "import", "laptop", sign(authority, request.stdout)])).toMatchObject({ code: 0 });
  expect(await agent.portail(["identity", "forget"])).toMatchObject({ code: 0 });
  return { agent, token, reached: () => front.seen };
}

const questions = async (agent: Agent) => (await controlCall<{ questions: { id: string }[] }>(agent, "identity.questions", {})).questions;

/** The one question that there is, answered. */
async function answerPin(agent: Agent): Promise<void> {
  const id = await eventually(async () => {
    const asked = await questions(agent);
    expect(asked).toHaveLength(1);
    return asked[0]?.id;
  });
  await controlCall(agent, "identity.answer", { id, pin });
}

const curl = (agent: Agent, url: string) =>
  run("curl", ["-sS", "--max-time", "30", "-x", `socks5h://${agent.address()}`, "-H", "Connection: close", url]);
const served = { code: 0, stdout: "hello from the origin\n" };

test("twenty tunnels at once ask for one PIN and take one handshake; whoever logs out lets them run, and the next needs the PIN again", async ({
  lab,
}) => {
  const [origin, echo] = [await lab.http(), await lab.tcp()];
  const { agent, token, reached } = await enrolled(lab);
  const before = token.logins().length;
  const all = Array.from({ length: 20 }, () => curl(agent, origin.url));
  await answerPin(agent);
  for (const one of await Promise.all(all)) expect(one).toMatchObject(served);
  expect(await questions(agent)).toEqual([]);
  expect(reached()).toBe(2);
  expect(token.logins().slice(before)).toEqual(["pin 1"]);

  const held = await openTunnel(agent.port(), { port: echo.port });
  expect(await agent.portail(["identity", "forget"])).toMatchObject({ code: 0 });
  const next = curl(agent, origin.url);
  await answerPin(agent);
  expect(await next).toMatchObject(served);
  expect(reached()).toBe(4);
  held.write("still");
  expect(await held.read(5)).toBe("still");
  held.end();
});

test("a token that is pulled out takes the shared connection along: what runs goes on, and nothing new passes until it is back", async ({
  lab,
}) => {
  const [origin, echo] = [await lab.http(), await lab.tcp()];
  const { agent, token, reached } = await enrolled(lab);
  const first = curl(agent, origin.url);
  await answerPin(agent);
  expect(await first).toMatchObject(served);
  const held = await openTunnel(agent.port(), { port: echo.port });

  token.set("absent", "");
  await eventually(async () => expect((await curl(agent, origin.url)).code).not.toBe(0));
  const seen = origin.seen;
  expect((await curl(agent, origin.url)).code).not.toBe(0);
  expect([origin.seen, reached()]).toEqual([seen, 2]);
  held.write("still");
  expect(await held.read(5)).toBe("still");

  token.set("absent");
  const back = eventually(async () => expect(await curl(agent, origin.url)).toMatchObject(served));
  await answerPin(agent);
  await back;
  expect(reached()).toBe(4);
  held.end();
});
