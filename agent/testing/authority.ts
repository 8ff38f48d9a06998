import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

/** A certificate with its key, in files. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
}

export interface IssueOptions {
  /** `DNS:gw.test`, `IP:127.0.0.1`, `URI:spiffe://…`. */
  readonly names?: readonly string[];
  readonly use?: "serverAuth" | "clientAuth";
  /** Relative to now. */
  readonly fromDays?: number;
  readonly untilDays?: number;
}

/** A certificate authority of the lab, made by the `openssl` program: nothing of the product judges what the product judges. */
export interface Authority {
  readonly dir: string;
  /** The authority's own certificate. */
  readonly cert: string;
  issue(name: string, options?: IssueOptions): Issued;
  /** A certificate that nobody but itself vouches for. */
  issueSelfSigned(name: string, names: readonly string[]): Issued;
  revoke(issued: Issued): void;
  /** A current revocation list. */
  crl(untilDays?: number): string;
}

export function createAuthority(parent: string, name = "Lab CA"): Authority {
  const dir = fs.mkdtempSync(path.join(parent, "ca-"));
  const at = (file: string) => path.join(dir, file);
  const openssl = (...args: readonly string[]) => execFileSync("openssl", args, { cwd: dir, stdio: "pipe" });
  fs.writeFileSync(at("index.txt"), "");
  fs.writeFileSync(at("index.txt.attr"), "unique_subject = no\n");
  fs.writeFileSync(at("serial"), "1000\n");
  fs.writeFileSync(at("crlnumber"), "01\n");
  fs.writeFileSync(at("ca.cnf"), CONFIG);
  newKey(openssl, at("ca.key"));
  openssl("req", "-x509", "-new", "-key", "ca.key", "-subj", `/O=Lab/CN=${name}`, "-days", "3650", "-out", "ca.pem", "-config", "ca.cnf");
  return {
    dir,
    cert: at("ca.pem"),
    issue: (subject, { names = [], use = "serverAuth", fromDays = -1, untilDays = 90 } = {}) => {
      const file = subject.replaceAll(/[^A-Za-z0-9.-]/g, "_");
      const [cert, key] = [at(`${file}.pem`), at(`${file}.key`)];
      newKey(openssl, key);
      openssl("req", "-new", "-key", key, "-subj", `/O=Lab/CN=${subject}`, "-out", `${file}.csr`, "-config", "ca.cnf");
      const sans = names.length === 0 ? "" : `subjectAltName=${names.join(",")}\n`;
      fs.writeFileSync(at(`${file}.ext`), `basicConstraints=CA:FALSE\nextendedKeyUsage=${use}\n${sans}`);
      const dates = ["-startdate", asn1Time(fromDays), "-enddate", asn1Time(untilDays)];
      openssl("ca", "-batch", "-notext", "-config", "ca.cnf", "-in", `${file}.csr`, "-out", cert, "-extfile", `${file}.ext`, ...dates);
      return { cert, key };
    },
    issueSelfSigned: (subject, names) => {
      const [cert, key] = [at("self.pem"), at("self.key")];
      newKey(openssl, key);
      const extensions = ["-addext", `subjectAltName=${names.join(",")}`, "-addext", "extendedKeyUsage=serverAuth"];
      openssl("req", "-x509", "-new", "-key", key, "-subj", `/O=Lab/CN=${subject}`, "-days", "30", "-out", cert, ...extensions);
      return { cert, key };
    },
    revoke: ({ cert }) => void openssl("ca", "-config", "ca.cnf", "-revoke", cert),
    crl: (untilDays = 30) => {
      const dates =
        untilDays > 0
          ? ["-crldays", String(untilDays)]
          : ["-crl_lastupdate", asn1Time(untilDays - 1), "-crl_nextupdate", asn1Time(untilDays)];
      openssl("ca", "-config", "ca.cnf", "-gencrl", "-out", "ca.crl", ...dates);
      return at("ca.crl");
    },
  };
}

function newKey(openssl: (...args: readonly string[]) => void, file: string): void {
  openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", file);
  fs.chmodSync(file, 0o600);
}

/** `YYYYMMDDHHMMSSZ`, so many days from now. */
function asn1Time(days: number): string {
  return `${new Date(Date.now() + days * 86_400_000).toISOString().replaceAll(/[-:T]/g, "").slice(0, 14)}Z`;
}

const CONFIG = `[req]
distinguished_name = dn
x509_extensions = v3_ca
prompt = no
[dn]
[v3_ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[ca]
default_ca = lab
[lab]
dir = .
database = index.txt
serial = serial
crlnumber = crlnumber
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
default_md = sha256
default_days = 90
policy = any
copy_extensions = none
[any]
organizationName = optional
commonName = supplied
`;
