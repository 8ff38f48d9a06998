/** Who is measured: Portail as built, and proxies as Debian packages them, each told to log nothing and to serve this machine only. */
import path from "node:path";
import { portail, written } from "./subject-files.mjs";

/** How the load goes through: by SOCKS5, by HTTP CONNECT, or because the proxy has one fixed destination. */
export const subjects = {
  direct: { title: "no proxy", via: "direct" },
  microsocks: {
    title: "microsocks",
    via: "socks5",
    // It cannot be told to be silent, and a line for each connection should not cost it anything.
    log: "/dev/null",
    command: ({ port }) => ["microsocks", "-i", "127.0.0.1", "-p", `${port}`],
  },
  portail: { title: "Portail", via: "socks5", command: plainPortail },
  dante: { title: "dante", via: "socks5", command: dante },
  tinyproxy: { title: "tinyproxy", via: "http", command: tinyproxy },
  haproxy: { title: "haproxy, 256 KB buffers", via: "fixed", command: haproxy },
};

/** Everything as people get it, policy and record included; only the port and the place of its state are its own. */
function plainPortail({ port, folder }) {
  return portail(folder, `listeners:\n  local:\n    kind: proxy\n    listen: 127.0.0.1:${port}\n`);
}

function dante({ port, folder }) {
  const config = written(
    folder,
    "danted.conf",
    `internal: 127.0.0.1 port = ${port}
external: lo
socksmethod: none
clientmethod: none
user.unprivileged: nobody
logoutput: /dev/null
client pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }
socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }
`,
  );
  return ["danted", "-f", config, "-p", path.join(folder, "danted.pid")];
}

function tinyproxy({ port, folder }) {
  const config = written(
    folder,
    "tinyproxy.conf",
    `Port ${port}\nListen 127.0.0.1\nTimeout 600\nMaxClients 20000\nLogLevel Critical\nLogFile "/dev/null"\n`,
  );
  return ["tinyproxy", "-d", "-c", config];
}

/** It speaks neither protocol towards its clients, so it is spared their handshake. One thread, as Portail has for bytes. */
function haproxy({ port, serverPort, folder }) {
  const config = written(
    folder,
    "haproxy.cfg",
    `global
  nbthread 1
  maxconn 9900
  tune.bufsize 262144
defaults
  mode tcp
  timeout connect 5s
  timeout client 10m
  timeout server 10m
listen bench
  bind 127.0.0.1:${port}
  maxconn 9900
  server far 127.0.0.1:${serverPort}
`,
  );
  return ["haproxy", "-db", "-q", "-f", config];
}
