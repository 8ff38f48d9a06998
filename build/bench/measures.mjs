/** What is measured beside plain proxies; the table forms ratios inside each round. */
import { connections, decisions, idle, messages, ready, stall, stream, tunnels } from "./measuring.mjs";
import { figure, streamFigures } from "./table-figures.mjs";

const speedGoals = [
  { of: "microsocks", lower: 6 },
  { of: "dante", lower: 2 },
  { of: "haproxy", lower: 1 },
];
/** In the order of the table. `once` is not repeated: it takes long, and it does not scatter. `warm` is run once before it counts. */
export const measures = [
  {
    name: "up",
    run: stream(1, "up"),
    warm: true,
    figures: streamFigures("one stream up", speedGoals, [{ of: "microsocks", upper: 0.25 }]),
  },
  {
    name: "down",
    run: stream(1, "down"),
    warm: true,
    figures: streamFigures("one stream down", speedGoals, [{ of: "microsocks", upper: 0.25 }]),
  },
  { name: "up16", run: stream(16, "up"), figures: streamFigures("16 streams up", [], [{ of: "microsocks", upper: 0.25 }]) },
  { name: "down16", run: stream(16, "down"), figures: streamFigures("16 streams down", [], [{ of: "microsocks", upper: 0.25 }]) },
  {
    name: "connect",
    run: connections(1),
    figures: [
      figure("rate", "connections, one client", "/s", [{ of: "microsocks", lower: 1 }]),
      figure("cost", "connections, one client: processor", "µs", [{ of: "microsocks", upper: 1.2 }]),
    ],
  },
  {
    name: "connect16",
    run: connections(16),
    figures: [
      figure("rate", "connections, 16 clients", "/s", [{ of: "microsocks", lower: 0.6 }]),
      figure("cost", "connections, 16 clients: processor", "µs", [{ of: "microsocks", upper: 1.2 }]),
    ],
  },
  {
    name: "message",
    run: messages,
    warm: true,
    figures: [
      figure("median", "64 bytes there and back, median", "µs", []),
      { ...figure("median", "the same, added by the proxy", "µs", [{ of: "microsocks", upper: 1 }]), minus: "direct" },
    ],
  },
  {
    name: "decision",
    run: decisions,
    once: true,
    figures: [
      figure("median", "decision and record, median", "µs", [{ upper: 300 }]),
      figure("p99", "decision and record, slowest of 100", "µs", []),
    ],
  },
  {
    name: "ready",
    run: ready,
    figures: [figure("ms", "ready after start", "ms", [{ upper: 400 }]), figure("resident", "resident memory a second later", "MB")],
  },
  {
    name: "idle",
    run: idle,
    once: true,
    figures: [
      figure("resident", "resident memory at rest", "MB", [{ upper: 90 }]),
      figure("wakeUps", "wake-ups at rest", "/s", [{ upper: 1 }]),
    ],
  },
  {
    name: "tunnels",
    run: tunnels,
    once: true,
    figures: [
      figure("open", "idle tunnels", "", []),
      figure("each", "memory of an idle tunnel", "kB", [{ upper: 20 }]),
      figure("resident", "resident memory with them", "MB", []),
      figure("wakeUps", "wake-ups with them", "/s", []),
    ],
  },
  { name: "stall", run: stall, once: true, figures: [figure("held", "held for a stalled reader of 1 GB", "MB", [{ upper: 2 }])] },
];
