/** What is measured beside programs that put connections into mutual TLS. */
import { connections, messages, stall, stream, tunnels } from "./measuring.mjs";
import { figure, streamFigures } from "./table-figures.mjs";

/** Both of them, in what they are by default. */
const both = (bound) => [
  { of: "stunnel", ...bound },
  { of: "haproxy", ...bound },
];
/** Each is a thread of the far end, too. */
const MOST_TUNNELS = 2000;
const someTunnels = (stage, subject, size) => tunnels(stage, subject, { tunnels: Math.min(MOST_TUNNELS, size.tunnels) });

const connectionFigures = (what, goals) => [
  figure("rate", what, "/s", goals),
  figure("cost", `${what}: processor`, "µs"),
  figure("median", `${what}: until its answer, median`, "µs"),
];

export const tlsMeasures = [
  {
    name: "tls-up",
    run: stream(1, "up"),
    warm: true,
    figures: streamFigures("one stream up", both({ lower: 1.4 }), both({ upper: 0.75 })),
  },
  {
    name: "tls-down",
    run: stream(1, "down"),
    warm: true,
    figures: streamFigures("one stream down", both({ lower: 1.4 }), both({ upper: 0.75 })),
  },
  { name: "tls-connect", run: connections(1), figures: connectionFigures("resumed connections, one client", []) },
  {
    name: "tls-connect16",
    run: connections(16),
    figures: connectionFigures("resumed connections, 16 clients", [{ of: "haproxy", lower: 1 }]),
  },
  {
    name: "tls-message",
    run: messages,
    warm: true,
    figures: [figure("median", "64 bytes there and back, median", "µs"), figure("p99", "the same, slowest of 100", "µs")],
  },
  {
    name: "tls-tunnels",
    run: someTunnels,
    once: true,
    figures: [
      figure("open", "idle tunnels", ""),
      figure("each", "memory of an idle tunnel", "kB"),
      figure("wakeUps", "wake-ups with them", "/s"),
    ],
  },
  { name: "tls-stall", run: stall, once: true, figures: [figure("held", "held for a stalled reader of 1 GB", "MB", [{ upper: 3 }])] },
];

/** Beside a far end that gives no tickets. */
export const fullTlsMeasures = [
  { name: "full-connect", run: connections(1), figures: connectionFigures("full handshakes, one client", []) },
  { name: "full-connect16", run: connections(16), figures: connectionFigures("full handshakes, 16 clients", []) },
];
