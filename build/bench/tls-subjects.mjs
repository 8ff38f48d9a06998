/** Who takes plain connections and goes on in mutual TLS 1.3, all with the same certificates and suite, one thread for bytes as Portail has. */
import fs from "node:fs";
import path from "node:path";
import { portail, written } from "./subject-files.mjs";

const suite = "TLS_AES_128_GCM_SHA256";
const haproxySettings = { default: "", large: "  tune.bufsize 65536\n" };

export const tlsSubjects = {
  stunnel: { title: "stunnel", via: "fixed", command: stunnel },
  portail: { title: "Portail", via: "socks5", command: portailToTls },
  haproxy: { title: "haproxy", via: "fixed", command: (place) => haproxy(place, haproxySettings.default) },
  haproxyLarge: { title: "haproxy, 64 KB buffers", via: "fixed", command: (place) => haproxy(place, haproxySettings.large) },
};

/** Certificates that everybody uses, and the server behind all of them. With `tickets` off nobody can resume. */
export const prepareTls =
  ({ tickets }) =>
  async (folder) => {
    // Late: it needs the project's own Node, which reads TypeScript.
    const { createAuthority } = await import("../../agent/testing/authority.ts");
    const authority = createAuthority(folder, "Bench CA");
    const server = authority.issue("server", { names: ["DNS:localhost", "IP:127.0.0.1"] });
    const client = authority.issue("client", { use: "clientAuth" });
    const both = written(authority.dir, "client.both.pem", fs.readFileSync(client.cert, "utf8") + fs.readFileSync(client.key, "utf8"));
    const certificates = { ca: authority.cert, server, ...client, both };
    return { serve: ["serve-tls", path.dirname(server.cert), suite, tickets ? "tickets" : "no-tickets"], certificates };
  };

/** The far end of a gateway: Portail asks it by CONNECT inside TLS for every connection, which the others are spared. */
function portailToTls({ port, folder, serverPort, certificates: { ca, cert, key } }) {
  written(folder, "all.portail", 'portail policy 1\npolicy all { when true allow }\nroute far { use ["far"] }\n');
  return portail(
    folder,
    `listeners: { local: { kind: proxy, listen: "127.0.0.1:${port}" } }
policy: all.portail
identities: { laptop: { kind: file, cert: "${cert}", key: "${key}" } }
backends:
  far: { kind: http, address: "127.0.0.1:${serverPort}", tls: { server_name: localhost, ca: "${ca}", identity: laptop } }
`,
  );
}

function stunnel({ port, folder, serverPort, certificates: { ca, cert, key } }) {
  const config = written(
    folder,
    "stunnel.conf",
    `foreground = yes
syslog = no
debug = 3
pid =
[bench]
client = yes
accept = 127.0.0.1:${port}
connect = 127.0.0.1:${serverPort}
cert = ${cert}
key = ${key}
CAfile = ${ca}
verifyChain = yes
checkHost = localhost
sslVersionMin = TLSv1.3
ciphersuites = ${suite}
socket = l:TCP_NODELAY=1
socket = r:TCP_NODELAY=1
`,
  );
  return ["stunnel", config];
}

function haproxy({ port, folder, serverPort, certificates: { ca, both } }, settings) {
  const config = written(
    folder,
    "haproxy.cfg",
    `global
  nbthread 1
  maxconn 9900
${settings}defaults
  mode tcp
  timeout connect 5s
  timeout client 10m
  timeout server 10m
listen bench
  bind 127.0.0.1:${port}
  maxconn 9900
  server far 127.0.0.1:${serverPort} ssl crt ${both} ca-file ${ca} verify required verifyhost localhost ssl-min-ver TLSv1.3 ciphersuites ${suite} sni str(localhost)
`,
  );
  return ["haproxy", "-db", "-q", "-f", config];
}
