import { openBatteryHouse } from "../battery-house.suite.ts";
import { describeBattery } from "../battery.suite.ts";

const name = Buffer.from("origin.test");

describeBattery({
  name: "SOCKS5",
  open: openBatteryHouse,
  steps: (port) => [Uint8Array.of(5, 1, 0), Uint8Array.of(5, 1, 0, 3, name.length, ...name, port >> 8, port & 255)],
  handshakeBytes: (received) => (received.length >= 12 && received[3] === 0 ? 12 : undefined),
  isRefusal: (received) => received.length === 12 && received[0] === 5 && received[3] !== 0,
  overlong: [
    Buffer.concat([Uint8Array.of(5, 1, 0, 5, 1, 0, 3, 255), Buffer.alloc(257, "a")]),
    Buffer.concat([Uint8Array.of(5, 255), Buffer.alloc(255, 1)]),
    Uint8Array.of(5, 1, 0, 5, 1, 0, 3, 0, 0, 80),
  ],
});

describeBattery({
  name: "HTTP CONNECT",
  open: openBatteryHouse,
  steps: (port) => [Buffer.from(`CONNECT origin.test:${port} HTTP/1.1\r\nHost: origin.test:${port}\r\n\r\n`)],
  handshakeBytes: (received) => {
    const end = received.indexOf("\r\n\r\n");
    return end > 0 && received.toString("latin1").startsWith("HTTP/1.1 200 ") ? end + 4 : undefined;
  },
  isRefusal: (received) => /^HTTP\/1\.1 (?:4|5)\d\d [^]*Portail-Incident: 7F3K[^]*"code":/.test(received.toString("latin1")),
  overlong: [
    Buffer.from(`CONNECT ${"a".repeat(300)}:80 HTTP/1.1\r\nHost: a\r\n\r\n`),
    Buffer.from(`CONNECT origin.test:80 HTTP/1.1\r\nX: ${"a".repeat(70_000)}\r\n\r\n`),
    Buffer.from(`CONNECT origin.test:80 HTTP/1.1\r\n${"X: a\r\n".repeat(300)}\r\n`),
    Buffer.alloc(80_000, "A"),
  ],
});
