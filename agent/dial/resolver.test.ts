import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createServerResolver, createSystemResolver } from "./resolver.ts";

/** A name server of a few bytes: RFC 1035 section 4, one question, one answer. */
let server: Socket;
let questions: string[];
const answers = new Map<string, { readonly code: number; readonly four?: string; readonly six?: string }>();

beforeEach(async () => {
  questions = [];
  server = createSocket("udp4");
  server.on("message", (question, peer) => server.send(answerTo(question), peer.port, peer.address));
  server.bind(0, "127.0.0.1");
  await once(server, "listening");
});

afterEach(() => {
  answers.clear();
  server.close();
});

function answerTo(question: Buffer): Buffer {
  const labels: string[] = [];
  let at = 12;
  for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
    labels.push(question.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  const kind = question.readUInt16BE(at + 1);
  const name = labels.join(".");
  questions.push(`${name} ${kind}`);
  const { code, four, six } = answers.get(name) ?? { code: 3 };
  const address = kind === 1 ? four?.split(".").map(Number) : six?.split(",").map((part) => Number.parseInt(part, 16));
  const head = Buffer.from(question.subarray(0, at + 5));
  head.writeUInt16BE(0x8180 | code, 2);
  head.writeUInt16BE(address === undefined ? 0 : 1, 6);
  head.writeUInt16BE(0, 10);
  if (address === undefined) return head;
  const record = Buffer.from([0xc0, 0x0c, 0, kind, 0, 1, 0, 0, 0, 60, 0, address.length, ...address]);
  return Buffer.concat([head, record]);
}

const resolver = () => createServerResolver([`127.0.0.1:${server.address().port}`], 300);
const six = "20,01,0d,b8,00,00,00,00,00,00,00,00,00,00,00,01";

test("both families are asked at once and answered together", async () => {
  answers.set("both.example", { code: 0, four: "192.0.2.1", six });
  expect(await resolver()("both.example")).toEqual({ kind: "resolved", addresses: ["2001:db8::1", "192.0.2.1"] });
});

test("one family is enough", async () => {
  answers.set("four.example", { code: 0, four: "192.0.2.1" });
  expect(await resolver()("four.example")).toEqual({ kind: "resolved", addresses: ["192.0.2.1"] });
});

test("a name that does not exist is told from a server that fails", async () => {
  answers.set("broken.example", { code: 2 });
  expect(await resolver()("missing.example")).toMatchObject({ code: "DIAL_NAME_NOT_FOUND" });
  expect(await resolver()("broken.example")).toMatchObject({ code: "DIAL_NAME_FAILED" });
});

test("a name without addresses is not found", async () => {
  answers.set("empty.example", { code: 0 });
  expect(await resolver()("empty.example")).toMatchObject({ code: "DIAL_NAME_NOT_FOUND" });
});

test("equal questions that are asked at the same time are asked once", async () => {
  answers.set("four.example", { code: 0, four: "192.0.2.1" });
  const resolve = resolver();
  await Promise.all([resolve("four.example"), resolve("four.example"), resolve("four.example")]);
  expect(questions.length).toBe(2);
  await resolve("four.example");
  expect(questions.length).toBe(4);
});

test("the system's resolver knows the machine itself", async () => {
  const found = await createSystemResolver()("localhost");
  if (found.kind === "failed") throw new Error(found.detail);
  for (const address of found.addresses) expect(["127.0.0.1", "::1"]).toContain(address);
});

test("the system's resolver finds no name under .invalid", async () => {
  expect((await createSystemResolver()("no-such-name.invalid")).kind).toBe("failed");
});
