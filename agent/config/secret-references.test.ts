import { expect, test } from "vitest";
import { secretReferencesIn } from "./secret-references.ts";

const filesIn = (value: unknown) => secretReferencesIn(value, "/etc/portail/portail.yaml").map(({ file }) => file);

test("secrets and private keys are files beside the configuration", () => {
  expect(filesIn({ identities: { laptop: { kind: "file", key: "laptop.key", password: "file:word" } } })).toEqual([
    "/etc/portail/laptop.key",
    "/etc/portail/word",
  ]);
  expect(filesIn({ backends: { gw: { kind: "http", token: "file:/run/token" } } })).toEqual(["/run/token"]);
});

test("the token of a TPM is a label and no file; the PIN beside it is one", () => {
  expect(filesIn({ identities: { laptop: { kind: "tpm2", token: "machine", pin: "file:pin" } } })).toEqual(["/etc/portail/pin"]);
});
