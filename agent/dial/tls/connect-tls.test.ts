import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import type { TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAuthority } from "../../testing/index.ts";
import { pinOf } from "./check-peer.ts";
import { createTlsConnector } from "./connect-tls.ts";
import { Tickets } from "./tickets.ts";
import { createTlsRig, pem, shown, type TlsRig, type VisitOptions } from "./tls-rig.suite.ts";

let rig: TlsRig;
let right: { cert: string; key: string };
let client: { cert: string; key: string };

beforeAll(() => {
  rig = createTlsRig();
  right = shown(rig.authority.issue("gw", { names: ["DNS:gw.test", "URI:spiffe://lab/gw"] }));
  client = shown(rig.authority.issue("laptop", { use: "clientAuth" }));
});
afterAll(() => rig.close());

const refusal = async (port: number, options?: VisitOptions): Promise<string> => {
  const { code, detail, heard } = await rig.visit(port, options);
  return code === undefined ? `let in: ${heard}` : `${code}: ${detail}`;
};

describe("a server that is right is met", () => {
  test("by name, with a private authority and a client certificate", async () => {
    const port = await rig.serve({ ...right, ca: pem(rig.authority.cert), requestCert: true, rejectUnauthorized: true });
    expect(await rig.visit(port, { shown: client })).toEqual({ heard: "hello", resumed: false });
  });

  test.each(["TLSv1.2", "TLSv1.3"] as const)("again by its ticket (%s), and not by a ticket of other trust", async (version) => {
    const port = await rig.serve({ ...right, minVersion: version, maxVersion: version });
    const tickets = new Tickets({ clock: { now: Date.now } });
    expect(await rig.visit(port, { tickets })).toEqual({ heard: "hello", resumed: false });
    expect(await rig.visit(port, { tickets })).toEqual({ heard: "hello", resumed: true });
    const other = createAuthority(rig.dir, "Other CA");
    expect(await refusal(port, { tickets, ca: [pem(other.cert)] })).toContain("TLS_UNKNOWN_ISSUER");
    expect(await refusal(port, { tickets, pins: ["x".repeat(43)] })).toContain("TLS_PIN_MISMATCH");
    tickets.flush();
    expect(await rig.visit(port, { tickets })).toEqual({ heard: "hello", resumed: false });
  });

  test("in full when trust changed and came back, whatever a handshake of before leaves behind", async () => {
    const port = await rig.serve(right);
    const tickets = new Tickets({ clock: { now: Date.now } });
    const secure = createTlsConnector(
      { host: "127.0.0.1", port, serverName: "gw.test", ca: [pem(rig.authority.cert)], pins: [], uris: [] },
      { clock: { now: Date.now }, tickets },
    );
    tickets.flush();
    const { stream } = await secure(net.connect({ host: "127.0.0.1", port, allowHalfOpen: true }));
    await new Promise((resolve) => stream.once("data", resolve));
    stream.destroy();
    expect(await rig.visit(port, { tickets })).toEqual({ heard: "hello", resumed: false });
    expect(await rig.visit(port, { tickets })).toEqual({ heard: "hello", resumed: true });
  });

  test("in full when it does not take the ticket", async () => {
    const tickets = new Tickets({ clock: { now: Date.now } });
    const first = await rig.serve(right);
    await rig.visit(first, { tickets });
    // A server that was started again: the same place, and ticket keys of its own.
    await rig.restart(first, right);
    expect(await rig.visit(first, { tickets })).toEqual({ heard: "hello", resumed: false });
  });

  test("with a key for the hybrid group only where the server wants one, and never without the hybrid where it does", async () => {
    const hellos: number[] = [];
    let far = await rig.serve({ ...right, ecdhCurve: "X25519" });
    const near = await rig.serveClear((socket) => {
      const onward = net.connect({ host: "127.0.0.1", port: far });
      socket.once("data", (hello) => hellos.push(hello.length));
      socket.on("close", () => onward.destroy());
      onward.on("error", () => socket.destroy());
      socket.pipe(onward).pipe(socket);
    });
    const clock = { now: Date.now };
    const server = { host: "127.0.0.1", port: near, serverName: "gw.test", ca: [pem(rig.authority.cert)], pins: [], uris: [] };
    const secure = createTlsConnector(server, { clock, tickets: new Tickets({ clock }) });
    const groupOf = async (): Promise<unknown> => {
      const { stream } = await secure(net.connect({ host: "127.0.0.1", port: near, allowHalfOpen: true }));
      const info = (stream as TLSSocket).getEphemeralKeyInfo();
      stream.destroy();
      return (info as { readonly name?: string }).name;
    };
    expect([await groupOf(), await groupOf()]).toEqual(["X25519", "X25519"]);
    // A hybrid key takes 1184 bytes of the hello (FIPS 203, ML-KEM-768).
    expect(hellos.map((bytes) => bytes > 1184)).toEqual([true, false]);
    far = await rig.serve(right);
    expect([await groupOf(), await groupOf()]).toEqual(["X25519MLKEM768", "X25519MLKEM768"]);
    expect(hellos.map((bytes) => bytes > 1184)).toEqual([true, false, false, true]);
  });

  test("by its pin or by its URI", async () => {
    const port = await rig.serve(right);
    expect(await rig.visit(port, { pins: [pinOf(new X509Certificate(right.cert))] })).toMatchObject({ heard: "hello" });
    expect(await rig.visit(port, { serverName: "other.test", uris: ["spiffe://lab/gw"] })).toMatchObject({ heard: "hello" });
  });

  test("by its address", async () => {
    const port = await rig.serve(shown(rig.authority.issue("by-address", { names: ["IP:127.0.0.1"] })));
    expect(await rig.visit(port, { serverName: "127.0.0.1" })).toMatchObject({ heard: "hello" });
  });

  test("with a revocation list that does not name it", async () => {
    const port = await rig.serve(right);
    expect(await rig.visit(port, { crl: pem(rig.authority.crl()) })).toMatchObject({ heard: "hello" });
  });
});

describe("a server's certificate is refused with its cause", () => {
  test("expired", async () => {
    const port = await rig.serve(shown(rig.authority.issue("expired", { names: ["DNS:gw.test"], fromDays: -20, untilDays: -10 })));
    expect(await refusal(port)).toMatch(
      /^TLS_CERT_EXPIRED: O=Lab, CN=expired, issued by O=Lab, CN=Lab CA, valid \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d; CERT_HAS_EXPIRED$/,
    );
  });

  test("not valid yet, and a clock that must be wrong", async () => {
    const port = await rig.serve(shown(rig.authority.issue("future", { names: ["DNS:gw.test"], fromDays: 5 })));
    expect(await refusal(port)).toContain("TLS_CERT_NOT_YET_VALID");
    expect(await refusal(port, { now: () => 0 })).toMatch(/^TLS_CLOCK: the clock says 1970-01-01/);
  });

  test("another name, whatever its common name says", async () => {
    const port = await rig.serve(shown(rig.authority.issue("gw.test", { names: ["DNS:other.test"] })));
    expect(await refusal(port)).toContain("TLS_NAME_MISMATCH: wanted gw.test; the certificate carries DNS:other.test");
  });

  test("no names at all", async () => {
    const port = await rig.serve(shown(rig.authority.issue("gw.test")));
    expect(await refusal(port)).toContain("TLS_NAME_MISMATCH: wanted gw.test; the certificate carries no names");
  });

  test("another URI, another pin", async () => {
    const port = await rig.serve(right);
    expect(await refusal(port, { uris: ["spiffe://lab/other"] })).toContain(
      "TLS_URI_MISMATCH: wanted spiffe://lab/other; it carries spiffe://lab/gw",
    );
    expect(await refusal(port, { pins: ["A".repeat(43)] })).toContain(
      `TLS_PIN_MISMATCH: its key is sha256/${pinOf(new X509Certificate(right.cert))}`,
    );
  });

  test("an issuer that is not trusted, by name", async () => {
    const other = createAuthority(rig.dir, "Rogue CA");
    const port = await rig.serve(shown(other.issue("gw", { names: ["DNS:gw.test"] })));
    expect(await refusal(port)).toMatch(/^TLS_UNKNOWN_ISSUER: O=Lab, CN=gw, issued by O=Lab, CN=Rogue CA/);
  });

  test("an issuer that inspects", async () => {
    const inspector = createAuthority(rig.dir, "Zscaler Root CA");
    const port = await rig.serve(shown(inspector.issue("gw", { names: ["DNS:gw.test"] })));
    expect(await refusal(port)).toMatch(/^TLS_INTERCEPTED: by Zscaler/);
  });

  test("signed by itself", async () => {
    const own = rig.authority.issueSelfSigned("gw", ["DNS:gw.test"]);
    const port = await rig.serve(shown(own));
    expect(await refusal(port)).toContain("TLS_SELF_SIGNED");
    expect(await rig.visit(port, { ca: [pem(own.cert)] })).toMatchObject({ heard: "hello" });
  });

  test("made for clients", async () => {
    const port = await rig.serve(shown(rig.authority.issue("client-only", { names: ["DNS:gw.test"], use: "clientAuth" })));
    expect(await refusal(port)).toContain("TLS_CERT_PURPOSE");
  });

  test("revoked, or nobody can say", async () => {
    const authority = createAuthority(rig.dir, "Revoking CA");
    const revoked = authority.issue("gw", { names: ["DNS:gw.test"] });
    const port = await rig.serve(shown(revoked));
    const ca = [pem(authority.cert)];
    expect(await refusal(port, { ca, crl: pem(authority.crl(-1)) })).toContain("TLS_CRL_UNUSABLE");
    expect(await refusal(port, { ca, crl: pem(rig.authority.crl()) })).toContain("TLS_CRL_UNUSABLE");
    authority.revoke(revoked);
    expect(await refusal(port, { ca, crl: pem(authority.crl()) })).toContain("TLS_CERT_REVOKED");
  });

  test("of a key that is too weak, or issued by somebody who is no authority", async () => {
    const { dir } = rig.authority;
    const openssl = (...args: readonly string[]) => execFileSync("openssl", args, { cwd: dir, stdio: "pipe" });
    const issue = (name: string, key: readonly string[], by: string, extensions: string): { cert: string; key: string } => {
      fs.writeFileSync(path.join(dir, `${name}.ext`), extensions);
      openssl(
        "req",
        "-new",
        "-newkey",
        ...key,
        "-nodes",
        "-keyout",
        `${name}.key`,
        "-subj",
        `/O=Lab/CN=${name}`,
        "-out",
        `${name}.csr`,
        "-config",
        "ca.cnf",
      );
      openssl(
        "x509",
        "-req",
        "-in",
        `${name}.csr`,
        "-CA",
        `${by}.pem`,
        "-CAkey",
        `${by}.key`,
        "-days",
        "30",
        "-extfile",
        `${name}.ext`,
        "-out",
        `${name}.pem`,
      );
      return { cert: pem(path.join(dir, `${name}.pem`)), key: pem(path.join(dir, `${name}.key`)) };
    };
    const strong = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
    const weak = issue("weak", ["rsa:1024"], "ca", "basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:gw.test\n");
    expect(await refusal(await rig.serve({ ...weak, ciphers: "DEFAULT@SECLEVEL=0" }))).toContain("TLS_CERT_WEAK");
    const middle = issue("nobody", strong, "ca", "basicConstraints=critical,CA:FALSE\n");
    const leaf = issue(
      "below-nobody",
      strong,
      "nobody",
      "basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:gw.test\n",
    );
    expect(await refusal(await rig.serve({ key: leaf.key, cert: leaf.cert + middle.cert }))).toContain("TLS_CHAIN_INVALID");
  });

  test("and none of it when somebody dangerously said so", async () => {
    const port = await rig.serve(shown(createAuthority(rig.dir, "Rogue CA").issue("other")));
    expect(await rig.visit(port, { dangerouslySkipVerification: true })).toMatchObject({ heard: "hello" });
  });
});

describe("a server that does not want us says why", () => {
  const asking = () => ({
    ...right,
    ca: pem(rig.authority.cert),
    requestCert: true,
    rejectUnauthorized: true,
    maxVersion: "TLSv1.2" as const,
  });

  test("no certificate was shown", async () => {
    expect(await refusal(await rig.serve(asking()))).toContain("TLS_CLIENT_CERT_REQUIRED: no certificate was shown");
  });

  test("our authority is not its own", async () => {
    const stranger = shown(createAuthority(rig.dir, "Stranger CA").issue("laptop", { use: "clientAuth" }));
    const { cert, key } = rig.authority.issue("gw", { names: ["DNS:gw.test"] });
    const port = await rig.openssl([
      "-cert",
      cert,
      "-key",
      key,
      "-CAfile",
      rig.authority.cert,
      "-Verify",
      "1",
      "-verify_return_error",
      "-tls1_2",
    ]);
    expect(await refusal(port, { shown: stranger })).toMatch(
      /^TLS_CLIENT_CERT_REFUSED: shown: O=Lab, CN=laptop, issued by O=Lab, CN=Stranger CA/,
    );
  });

  test("our certificate has expired", async () => {
    const old = shown(rig.authority.issue("old", { use: "clientAuth", fromDays: -20, untilDays: -10 }));
    const { cert, key } = rig.authority.issue("gw", { names: ["DNS:gw.test"] });
    const port = await rig.openssl([
      "-cert",
      cert,
      "-key",
      key,
      "-CAfile",
      rig.authority.cert,
      "-Verify",
      "1",
      "-verify_return_error",
      "-tls1_2",
    ]);
    expect(await refusal(port, { shown: old })).toMatch(/^TLS_CLIENT_CERT_EXPIRED: shown: O=Lab, CN=old/);
  });

  test("our certificate was revoked", async () => {
    const authority = createAuthority(rig.dir, "Revoking clients CA");
    const revoked = authority.issue("laptop", { use: "clientAuth" });
    authority.revoke(revoked);
    const { cert, key } = rig.authority.issue("gw", { names: ["DNS:gw.test"] });
    const trust = ["-CAfile", authority.cert, "-CRL", authority.crl(), "-crl_check", "-Verify", "1", "-verify_return_error"];
    const port = await rig.openssl(["-cert", cert, "-key", key, ...trust, "-tls1_2"]);
    expect(await refusal(port, { shown: shown(revoked) })).toMatch(/^TLS_CLIENT_CERT_REVOKED: shown: O=Lab, CN=laptop/);
  });

  test("it does not know the name", async () => {
    const { cert, key } = rig.authority.issue("gw", { names: ["DNS:gw.test"] });
    const port = await rig.openssl([
      "-cert",
      cert,
      "-key",
      key,
      "-cert2",
      cert,
      "-key2",
      key,
      "-servername",
      "other.test",
      "-servername_fatal",
    ]);
    expect(await refusal(port)).toContain("TLS_SERVER_NAME_UNKNOWN");
  });

  test("it is too old, or wants other ciphers, or another protocol inside", async () => {
    const old = await rig.serve({ ...right, minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" });
    expect(await refusal(old)).toContain("TLS_VERSION");
    const ciphers = await rig.serve({ ...right, maxVersion: "TLSv1.2", ciphers: "ECDHE-RSA-AES128-GCM-SHA256" });
    expect(await refusal(ciphers)).toContain("TLS_CIPHERS");
    const alpn = await rig.serve({ ...right, ALPNProtocols: ["h2"] });
    expect(await refusal(alpn, { alpn: ["http/1.1"] })).toContain("TLS_ALPN");
  });

  test("it speaks no TLS, or hangs up", async () => {
    expect(await refusal(await rig.serveClear((socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")))).toContain("TLS_NOT_TLS");
    expect(await refusal(await rig.serveClear((socket) => void socket.end("SSH-2.0-OpenSSH\r\n")))).toContain("TLS_NOT_TLS");
    expect(await refusal(await rig.serveClear((socket) => void socket.destroy()))).toContain("TLS_BROKEN_OFF");
    expect(await refusal(await rig.serveClear((socket) => void socket.resetAndDestroy()))).toContain("TLS_BROKEN_OFF");
  });
});

test("a certificate and a key that do not belong together are found out before anybody is met", () => {
  const clock = { now: Date.now };
  const server = { host: "127.0.0.1", port: 1, serverName: "gw.test", pins: [], uris: [], shown: { cert: client.cert, key: right.key } };
  expect(() => createTlsConnector(server, { clock, tickets: new Tickets({ clock }) })).toThrow("CONFIG_INVALID");
});
