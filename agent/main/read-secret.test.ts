import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { readSecret } from "./read-secret.ts";

function piped(text: string): Promise<string | undefined> {
  const stdin = new PassThrough();
  stdin.end(text);
  const own = { stdin, stderr: new PassThrough() } as unknown as NodeJS.Process;
  return readSecret("PIN", own, new AbortController().signal);
}

describe("a secret from a pipe", () => {
  it("is the first line, whether or not its line is ended", async () => {
    expect(await piped("1234\n5678\n")).toBe("1234");
    expect(await piped("1234\r\n")).toBe("1234");
    expect(await piped("1234")).toBe("1234");
  });

  it("that never comes is a no", async () => {
    expect(await piped("")).toBeUndefined();
  });
});
