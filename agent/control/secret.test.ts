import { closeSync, fstatSync, openSync, writeFileSync } from "node:fs";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readSecret } from "./secret.ts";

const secret = "a1".repeat(32);
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "portail-secret-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

function descriptorWith(text: string): number {
  writeFileSync(join(dir, "fd"), text);
  return openSync(join(dir, "fd"), "r");
}

it.each([secret, `${secret}\n`])("a secret is read and its descriptor is closed", async (text) => {
  const descriptor = descriptorWith(text);
  expect(await readSecret(descriptor)).toBe(secret);
  expect(() => fstatSync(descriptor)).toThrow("EBADF");
});

it.each(["", "\n", secret.slice(1), `${secret}0`, `${secret}\n\n`, secret.toUpperCase(), "é".repeat(32)])(
  "anything else is refused without being repeated: %j",
  async (text) => {
    const descriptor = descriptorWith(text);
    const failure = await readSecret(descriptor).then(
      () => undefined,
      (cause: unknown) => cause,
    );
    expect(failure).toMatchObject({
      code: "CONTROL_BAD_CALL",
      detail: "the secret descriptor must carry 64 hexadecimal digits and nothing else",
    });
    expect(() => closeSync(descriptor)).toThrow("EBADF");
  },
);
