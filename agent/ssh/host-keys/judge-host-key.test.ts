import { describe, expect, it } from "vitest";
import { algorithmsFor, judgeHostKey, whatIsKnown } from "./judge-host-key.ts";
import { parseKnownHosts } from "./known-hosts.ts";

function keyOf(algorithm: string, body: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(algorithm.length);
  return Buffer.concat([length, Buffer.from(algorithm), Buffer.from(body)]);
}
const line = (names: string, key: Buffer, algorithm: string) => `${names} ${algorithm} ${key.toString("base64")}\n`;
const server = { host: "gw.example", port: 22 };
const known = (...texts: readonly string[]) =>
  whatIsKnown(
    server,
    texts.map((text, at) => ({ path: `file${at + 1}`, hosts: parseKnownHosts(text) })),
  );
const ours = keyOf("ssh-ed25519", "ours");
const other = keyOf("ssh-ed25519", "other");
const rsa = keyOf("ssh-rsa", "rsa");

describe("a server's key is", () => {
  it("known when any file says so, beside whatever else it says", () => {
    const files = known(line("gw.example", rsa, "ssh-rsa"), line("gw.example", ours, "ssh-ed25519"));
    expect(judgeHostKey(ours, files)).toEqual({ kind: "known" });
  });

  it("new only when nothing at all is said of the server", () => {
    expect(judgeHostKey(ours, known(line("elsewhere.example", other, "ssh-ed25519")))).toEqual({ kind: "new" });
  });

  it.each([
    ["another key of its kind is known", [line("gw.example", other, "ssh-ed25519")], "SSH_HOST_KEY_CHANGED"],
    ["another kind of key is known", [line("gw.example", rsa, "ssh-rsa")], "SSH_HOST_KEY_CHANGED"],
    [
      "it is revoked, known or not",
      [line("gw.example", ours, "ssh-ed25519"), line("@revoked *", ours, "ssh-ed25519")],
      "SSH_HOST_KEY_REVOKED",
    ],
    ["an authority is trusted instead", [line("@cert-authority *.example", other, "ssh-ed25519")], "SSH_HOST_KEY_UNUSABLE"],
    ["its line cannot be read", ["gw.example ssh-ed25519 torn%\n"], "SSH_HOST_KEY_UNUSABLE"],
    ["its line has an unknown marker", [line("@maybe gw.example", ours, "ssh-ed25519")], "SSH_HOST_KEY_UNUSABLE"],
  ] as const)("refused and never asked about when %s", (_, texts, code) => {
    const verdict = judgeHostKey(ours, known(...texts));
    expect(verdict).toMatchObject({ kind: "refused", failure: { code } });
    expect(verdict.kind === "refused" && verdict.failure.detail).toMatch(/file\d:1/);
  });
});

describe("a server is asked for", () => {
  it("the kinds of key that are known of it, and no others", () => {
    expect(algorithmsFor(known(line("gw.example", rsa, "ssh-rsa")))).toEqual(["rsa-sha2-512", "rsa-sha2-256"]);
    expect(algorithmsFor(known(line("gw.example", ours, "ssh-ed25519")))).toEqual(["ssh-ed25519"]);
  });

  it("all kinds when nothing is known, but none that signs with SHA-1", () => {
    const all = algorithmsFor(known(""));
    expect(all[0]).toBe("ssh-ed25519");
    expect(all).not.toContain("ssh-rsa");
  });
});
