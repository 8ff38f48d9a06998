/** The parts of `npm run bench`: each is a stage of its own and a section of docs/benchmarks.md. */
import { http2Suite } from "./http2-suite.mjs";
import { measures } from "./measures.mjs";
import { sshSuite } from "./ssh-suite.mjs";
import { subjects } from "./subjects.mjs";
import { tokenSuite } from "./token-suite.mjs";
import { fullTlsMeasures, tlsMeasures } from "./tls-measures.mjs";
import { prepareTls, tlsSubjects } from "./tls-subjects.mjs";

export const suites = [
  {
    name: "data-plane",
    title: "The whole agent beside other proxies",
    words: `Portail as built, with its built-in policy and its record on, in one process with one thread for bytes. haproxy has one
fixed destination and is spared the handshake of a proxy protocol; tinyproxy is reached by HTTP CONNECT, the others by SOCKS5. dante gets a
tenth of the idle tunnels. A connection is: open, handshake, 64 bytes there and back, end. Ready: from start until connections are accepted.`,
    base: "microsocks",
    always: ["direct"],
    subjects,
    measures,
  },
  {
    name: "mutual-tls",
    title: "Mutual TLS on the way out",
    words: `Plain connections that leave in mutual TLS 1.3 with the same certificates, keys and suite (AES-128-GCM) to the same far end. Portail is
asked by SOCKS5, judges, records, and asks the far end by CONNECT inside TLS; stunnel and haproxy have one fixed destination and do none of it.
All resume sessions. A connection is: open, handshakes, 64 bytes there and back, end.`,
    base: "stunnel",
    always: [],
    subjects: tlsSubjects,
    prepare: prepareTls({ tickets: true }),
    measures: tlsMeasures,
  },
  {
    name: "full-handshakes",
    title: "Mutual TLS without tickets",
    words: "The same beside a far end that gives no tickets: every handshake is a full one, with a signature by our key.",
    base: "stunnel",
    always: [],
    subjects: tlsSubjects,
    prepare: prepareTls({ tickets: false }),
    measures: fullTlsMeasures,
  },
  tokenSuite,
  http2Suite,
  sshSuite,
];
