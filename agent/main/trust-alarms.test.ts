import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Snapshot } from "../config/index.ts";
import type { IdentityView } from "../identity/index.ts";
import { createAuthority, type Issued } from "../testing/index.ts";
import { identityAlarms } from "./trust-alarms.ts";

let dir: string;
let soon: Issued;
let late: Issued;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "portail-alarms-"));
  const authority = createAuthority(dir);
  soon = authority.issue("laptop", { use: "clientAuth", fromDays: -80, untilDays: 6 });
  late = authority.issue("desk", { use: "clientAuth", fromDays: -1, untilDays: 300 });
});
afterAll(() => rm(dir, { recursive: true }));

/** What using an identity in a token has shown. */
function viewOf(name: string, { cert }: Issued): IdentityView {
  const leaf = new X509Certificate(readFileSync(cert));
  const { issuer, serialNumber: serial, fingerprint256: fingerprint } = leaf;
  const subject = leaf.subject.replaceAll("\n", ", ");
  const [notBefore, notAfter] = [leaf.validFromDate.getTime(), leaf.validToDate.getTime()];
  return { name, kind: "pkcs11", state: "ready", chain: [{ subject, issuer, serial, notBefore, notAfter, fingerprint }] };
}

const snapshotOf = (more: { readonly pem?: Snapshot["pem"]; readonly renewed?: string }): Snapshot =>
  ({
    pem: more.pem ?? new Map(),
    config: { identities: more.renewed === undefined ? [] : [{ name: more.renewed, enroll: {} }] },
  }) as unknown as Snapshot;

test("a certificate in a token that ends soon is told once it was seen, one that lives long is not", () => {
  const views = [viewOf("laptop", soon), viewOf("desk", late), { name: "new", kind: "pkcs11", state: "failing" } as IdentityView];
  const alarms = identityAlarms(snapshotOf({}), views, Date.now());
  expect(alarms.map(({ code, detail }) => `${code} ${detail}`)).toEqual([
    expect.stringMatching(/^TLS_EXPIRES_SOON identities\.laptop: .*CN=laptop expires /),
  ]);
  expect(identityAlarms(snapshotOf({}), views, Date.now() + 400 * 86_400_000).map(({ detail }) => detail)).toEqual([
    expect.stringContaining("CN=laptop expired"),
    expect.stringContaining("CN=desk expired"),
  ]);
});

test("nothing is told twice: not of a file that is watched anyway, not of what renews itself", () => {
  const views = [viewOf("laptop", soon)];
  const pem = new Map([[soon.cert, readFileSync(soon.cert, "utf8")]]);
  expect(identityAlarms(snapshotOf({ pem }), views, Date.now())).toEqual([]);
  expect(identityAlarms(snapshotOf({ renewed: "laptop" }), views, Date.now())).toEqual([]);
});
