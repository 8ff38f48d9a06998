import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { authoritiesAt, isAuthorityWord, readAuthorities } from "./authorities.ts";

const subjectsOf = async (word: string): Promise<readonly string[]> =>
  (await readAuthorities(word)).map((text) => new X509Certificate(text).subject.replaceAll("\n", ", "));

describe("authorities by a word", () => {
  test("of the large databases are those that their operators name", async () => {
    expect((await subjectsOf("preset:aws-rds")).filter((subject) => subject.includes("Amazon RDS eu-central-1 Root CA"))).toHaveLength(3);
    const azure = await subjectsOf("preset:azure");
    expect(azure).toHaveLength(4);
    expect(azure.some((subject) => subject.includes("CN=DigiCert Global Root G2"))).toBe(true);
  });

  test("of the runtime and of the operating system are many, and none twice", async () => {
    for (const word of ["bundled", "system"]) {
      const found = await readAuthorities(word);
      expect(found.length).toBeGreaterThan(20);
      expect(new Set(found).size).toBe(found.length);
    }
  });

  test("that nobody can give are refused with what to do instead", async () => {
    await expect(readAuthorities("preset:google-cloud-sql")).rejects.toThrow("gcloud sql instances describe");
    await expect(readAuthorities("preset:nobody")).rejects.toThrow("there are system, bundled, preset:aws-rds, preset:azure");
    await expect(readAuthorities("preset:constructor")).rejects.toThrow("is no known preset");
  });

  test("are told from files", () => {
    expect(["system", "bundled", "preset:x", "./system", "presets/x"].map(isAuthorityWord)).toEqual([true, true, true, false, false]);
    expect(authoritiesAt("./system", "/etc/portail")).toBe("/etc/portail/system");
  });
});
