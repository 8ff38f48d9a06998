import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { formatPem } from "./token/certificate-request.ts";

/** A folder that is gone after the test. */
export function makeRoom(): { readonly dir: string; remove(): void } {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "portail-identity-"));
  return { dir, remove: () => fs.rmSync(dir, { recursive: true, force: true }) };
}

export interface Pki {
  /** Roots: of servers, and of devices. */
  readonly ca: string;
  readonly deviceCa: string;
  readonly server: { readonly cert: string; readonly key: string };
  /** A device certificate for a key pair that is made here; PEM. */
  makeDevice(name: string, newKey: readonly string[]): { readonly cert: string; readonly key: string };
  /** A device certificate for a request; PEM. */
  issue(request: Uint8Array): string;
}

export const ecP256 = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
export const ecP384 = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"];
export const rsa2048 = ["-newkey", "rsa:2048"];

/** Two authorities and a server for `localhost`, by the openssl command: an issuer that shares no code with us. */
export function makePki(dir: string): Pki {
  const file = (name: string) => path.join(dir, name);
  const openssl = (...args: string[]) =>
    execFileSync("openssl", args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env["PATH"], OPENSSL_CONF: "/etc/ssl/openssl.cnf" },
    });
  const read = (name: string) => fs.readFileSync(file(name), "utf8");
  let serial = 0;

  const makeCa = (name: string): void => {
    openssl(
      "req",
      "-x509",
      ...ecP256,
      "-nodes",
      "-keyout",
      file(`${name}.key`),
      "-out",
      file(`${name}.pem`),
      "-days",
      "2",
      "-subj",
      `/CN=${name}`,
    );
  };
  const sign = (name: string, ca: string, extensions: string): void => {
    fs.writeFileSync(file(`${name}.ext`), extensions);
    serial += 1;
    openssl(
      "x509",
      "-req",
      "-in",
      file(`${name}.csr`),
      "-CA",
      file(`${ca}.pem`),
      "-CAkey",
      file(`${ca}.key`),
      "-set_serial",
      `${serial}`,
      "-days",
      "2",
      "-out",
      file(`${name}.pem`),
      "-extfile",
      file(`${name}.ext`),
    );
  };
  const make = (name: string, ca: string, how: { readonly newKey: readonly string[]; readonly extensions: string }) => {
    openssl("req", ...how.newKey, "-nodes", "-keyout", file(`${name}.key`), "-out", file(`${name}.csr`), "-subj", `/CN=${name}`);
    sign(name, ca, how.extensions);
    return { cert: read(`${name}.pem`), key: read(`${name}.key`) };
  };

  makeCa("servers");
  makeCa("devices");
  return {
    ca: read("servers.pem"),
    deviceCa: read("devices.pem"),
    server: make("localhost", "servers", {
      newKey: ecP256,
      extensions: "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n",
    }),
    makeDevice: (name, newKey) => make(name, "devices", { newKey, extensions: "extendedKeyUsage=clientAuth\n" }),
    issue: (request) => {
      const name = `issued-${serial}`;
      fs.writeFileSync(file(`${name}.csr`), formatPem("CERTIFICATE REQUEST", request));
      sign(name, "devices", "extendedKeyUsage=clientAuth\n");
      return read(`${name}.pem`);
    },
  };
}
