import net from "node:net";
import { connectionLike, expect, openTunnel, test } from "../rig/index.ts";

const listener = "listeners:\n  local: { kind: proxy, listen: 127.0.0.1:0 }\n";

test("a silent connection is ended after the idle limit, and one that speaks is not", async ({ lab }) => {
  const origin = await lab.tcp();
  const agent = await lab.agent({ config: `${listener}limits: { idle: 1s }\n` });
  const silent = await openTunnel(agent.port(), { port: origin.port });
  const lively = await openTunnel(agent.port(), { port: origin.port });
  const speaking = setInterval(() => lively.write("."), 100);
  lab.after(() => clearInterval(speaking));
  const speaker = await connectionLike(agent, { state: "open", port: origin.port });
  await silent.closed;
  await connectionLike(agent, { end: "CARRY_IDLE" });
  clearInterval(speaking);
  lively.end();
  await lively.closed;
  await connectionLike(agent, { end: "served" });
  expect(speaker.host).toBe("127.0.0.1");
});

test("a connection is ended when the time that its rule gives is over, however busy it is", async ({ lab }) => {
  const origin = await lab.tcp();
  const agent = await lab.agent({ policy: "portail policy 1\npolicy short { allow for 1s }\n" });
  const tunnel = await openTunnel(agent.port(), { port: origin.port });
  const speaking = setInterval(() => tunnel.write("."), 50);
  lab.after(() => clearInterval(speaking));
  await tunnel.closed;
  await connectionLike(agent, { end: "CARRY_LIFETIME" });
});

test("the person ends a connection by the name that the list shows", async ({ lab }) => {
  const origin = await lab.tcp();
  const agent = await lab.agent();
  const tunnel = await openTunnel(agent.port(), { port: origin.port });
  const { incident = "", id } = await connectionLike(agent, { state: "open" });
  expect((await agent.portail(["connections", "close", incident])).code).toBe(0);
  await tunnel.closed;
  await connectionLike(agent, { id, end: "CARRY_CLOSED_BY_PERSON" });
});

test("a program that says nothing, or half of something, is let go after the handshake limit", async ({ lab }) => {
  const agent = await lab.agent({ config: `${listener}limits: { handshake: 500ms }\n` });
  const beginnings = ["", "\x05", "\x05\x01\x00\x05\x01\x00\x03\x10exam", "GET http://a.example/ HTTP/1.1\r\nHo"];
  const closings = beginnings.map((words) => {
    const socket = net.connect({ host: "127.0.0.1", port: agent.port() });
    socket.on("error", () => undefined);
    socket.write(Buffer.from(words, "latin1"));
    socket.resume();
    return new Promise((resolve) => socket.once("close", resolve));
  });
  await Promise.all(closings);
});
