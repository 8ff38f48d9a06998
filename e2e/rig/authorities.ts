import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { createAuthority } from "../../agent/testing/index.ts";
import { root } from "./agent.ts";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";

const binary = (name: string) => path.join(root, "build/.peers/bin", name);

/** Whether the set-up could build the authorities. Where everything is required, what is missing is a failure and not a skip. */
export const hasAuthorities =
  process.env["PORTAIL_REQUIRE_ALL"] === "1" || ["step-ca", "estserver"].every((name) => fs.existsSync(binary(name)));

/** An authority of certificates that somebody else wrote, running for one test. */
export interface ForeignAuthority {
  readonly url: string;
  /** The root of its own server, PEM file. */
  readonly root: string;
  /** The root of what it issues, PEM file. */
  readonly issuer: string;
  close(): Promise<void>;
}

export interface StepCa extends ForeignAuthority {
  /** A one-time token for a device. */
  token(subject: string, names?: readonly string[]): string;
  /** The directory for ACME. */
  readonly acme: string;
}

/** Root and intermediate by openssl. */
function makeIssuers(dir: string): { readonly root: string; readonly cert: string; readonly key: string } {
  const { cert: top, dir: ca } = createAuthority(dir, "Foreign Root");
  const openssl = (...args: readonly string[]) => execFileSync("openssl", args, { cwd: ca, stdio: "pipe" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  fs.writeFileSync(
    path.join(ca, "issuer.ext"),
    "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n",
  );
  openssl("req", ...key, "-keyout", "issuer.key", "-out", "issuer.csr", "-subj", "/O=Foreign/CN=Foreign Issuer");
  openssl(
    "x509",
    "-req",
    "-in",
    "issuer.csr",
    "-CA",
    top,
    "-CAkey",
    "ca.key",
    "-set_serial",
    "77",
    "-days",
    "90",
    "-out",
    "issuer.pem",
    "-extfile",
    "issuer.ext",
  );
  return { root: top, cert: path.join(ca, "issuer.pem"), key: path.join(ca, "issuer.key") };
}

/** step-ca with a JWK and an ACME provisioner; its certificates live for `life`, and it looks for proofs of ACME on `proofPort`. */
export async function startStepCa(dir: string, { life = "24h", proofPort = 0 } = {}): Promise<StepCa> {
  const issuers = makeIssuers(dir);
  const port = await freePort();
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = publicKey.export({ format: "jwk" });
  const kid = createHash("sha256")
    .update(JSON.stringify({ crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y }))
    .digest("base64url");
  const claims = { minTLSCertDuration: "1s", defaultTLSCertDuration: life, maxTLSCertDuration: "48h" };
  const config = {
    root: issuers.root,
    crt: issuers.cert,
    key: issuers.key,
    address: `127.0.0.1:${port}`,
    dnsNames: ["127.0.0.1", "localhost"],
    db: { type: "bbolt", dataSource: path.join(dir, `step-${port}.db`) },
    authority: {
      backdate: "0s",
      claims,
      provisioners: [
        { type: "JWK", name: "devices", key: { ...jwk, kid, use: "sig", alg: "ES256" }, claims },
        { type: "ACME", name: "acme", claims },
      ],
    },
  };
  const file = path.join(dir, `step-${port}.json`);
  fs.writeFileSync(file, JSON.stringify(config));
  const url = `https://127.0.0.1:${port}`;
  const token = (subject: string, names: readonly string[] = [subject]): string => {
    const now = Math.floor(Date.now() / 1000);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const body = {
      aud: `${url}/1.0/sign`,
      iss: "devices",
      sub: subject,
      sans: names,
      iat: now,
      nbf: now,
      exp: now + 300,
      jti: randomUUID(),
    };
    const signed = `${part({ alg: "ES256", kid, typ: "JWT" })}.${part(body)}`;
    return `${signed}.${sign("sha256", Buffer.from(signed), { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
  };
  const running = await runUntilReady(
    spawn(binary("step-ca"), [file], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, HTTP01_PORT: String(proofPort) } }),
    port,
  );
  return { url, root: issuers.root, issuer: issuers.root, acme: `${url}/acme/acme/directory`, token, ...running };
}

/** GlobalSign's EST server. Whoever asks with a certificate of its own may come again. */
export async function startEst(dir: string): Promise<ForeignAuthority> {
  const issuers = makeIssuers(dir);
  const port = await freePort();
  const server = createAuthority(dir, "EST Server Root");
  const { cert, key } = server.issue("est", { names: ["IP:127.0.0.1", "DNS:localhost"] });
  const chain = path.join(dir, `est-${port}-chain.pem`);
  fs.writeFileSync(chain, fs.readFileSync(issuers.cert, "utf8") + fs.readFileSync(issuers.root, "utf8"));
  const config = {
    mock_ca: { certificates: chain, private_key: issuers.key },
    tls: { listen_address: `127.0.0.1:${port}`, certificates: cert, private_key: key, client_cas: [issuers.cert, issuers.root] },
    allowed_hosts: ["127.0.0.1", `127.0.0.1:${port}`],
    rate_limit: 1000,
    timeout: 10,
    log_file: path.join(dir, `est-${port}.log`),
  };
  const file = path.join(dir, `est-${port}.json`);
  fs.writeFileSync(file, JSON.stringify(config));
  const running = await runUntilReady(spawn(binary("estserver"), ["-config", file], { stdio: ["ignore", "pipe", "pipe"] }), port);
  return { url: `https://127.0.0.1:${port}`, root: server.cert, issuer: issuers.root, ...running };
}

async function runUntilReady(child: ChildProcess, port: number): Promise<{ close(): Promise<void> }> {
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`the authority ended: ${said}`);
    await new Promise<void>((resolve, reject) => {
      const socket = net.connect(port, "127.0.0.1", () => {
        socket.destroy();
        resolve();
      });
      socket.once("error", reject);
    });
  });
  return {
    close: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
