import { Readable } from "node:stream";
import { expect, it } from "vitest";
import { portail } from "./cli-rig.suite.ts";

function frame(message: object): Buffer {
  const body = JSON.stringify({ jsonrpc: "2.0", ...message });
  return Buffer.from(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

const greeting = frame({ id: 1, method: "initialize", params: { capabilities: {} } });

it("policy lsp answers an editor on stdout in frames and nothing else, and ends with 0 when it was told goodbye", async () => {
  const input = [greeting, frame({ id: 2, method: "shutdown" }), frame({ method: "exit" })];
  const { code, stdout, stderr } = await portail(["policy", "lsp"], { stdin: Readable.from(input) });
  expect(code).toBe(0);
  expect(stderr).toBe("");
  expect(stdout).toMatch(
    /^Content-Length: \d+\r\n\r\n\{"jsonrpc":"2\.0","id":1,"result":\{"capabilities":.*\}Content-Length: \d+\r\n\r\n\{.*"id":2,"result":null\}$/s,
  );
});

it("policy lsp ends with 1 when the editor went away in the middle", async () => {
  expect((await portail(["policy", "lsp"], { stdin: Readable.from([greeting]) })).code).toBe(1);
  const broken = new Readable({ read: () => broken.destroy(new Error("EIO")) });
  expect((await portail(["policy", "lsp"], { stdin: broken })).code).toBe(1);
});

it("policy lsp tells a person in a terminal that an editor starts it", async () => {
  const { stderr } = await portail(["policy", "lsp"], { columns: 80 });
  expect(stderr).toContain("docs/policy/editors.md");
});
