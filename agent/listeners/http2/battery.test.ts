import { openBatteryHouse } from "../battery-house.suite.ts";
import { describeBattery } from "../battery.suite.ts";
import { block, connectBlock, END_HEADERS, frame, frameType, preface } from "./frames.suite.ts";
import { answered, opened, openRawTunnel } from "./raw-tunnel.suite.ts";

const settings = frame(frameType.settings, 0, 0);
const opening = (more: readonly Uint8Array[]) => Buffer.concat([preface, settings, ...more]);
const connectTo = (authority: string) => frame(frameType.headers, END_HEADERS, 1, connectBlock(authority));
const longField = block([["x", "a".repeat(16_000)]]);

describeBattery({
  name: "HTTP/2 CONNECT",
  open: openBatteryHouse,
  join: openRawTunnel,
  steps: (port) => [opening([connectTo(`origin.test:${port}`)])],
  handshakeBytes: (received) => (received.subarray(0, opened.length).equals(opened) ? opened.length : undefined),
  isRefusal: (received) => received.subarray(0, answered.length).equals(answered) && /"code": "[A-Z_]+"/.test(received.toString()),
  overlong: [
    opening([connectTo(`${"a".repeat(300)}:80`)]),
    opening([
      frame(frameType.headers, 0, 1, connectBlock("origin.test:80")),
      ...Array.from({ length: 5 }, (_, at) => frame(frameType.continuation, at === 4 ? END_HEADERS : 0, 1, longField)),
    ]),
    opening([
      frame(frameType.headers, 0, 1, connectBlock("origin.test:80")),
      ...Array.from({ length: 100 }, () => frame(frameType.continuation, 0, 1, block([["x", "a"]]))),
    ]),
    opening([
      frame(
        frameType.headers,
        END_HEADERS,
        1,
        Buffer.concat([connectBlock("origin.test:80"), ...Array.from({ length: 300 }, () => block([["x", "a"]]))]),
      ),
    ]),
    Buffer.concat([preface, Buffer.alloc(80_000, "A")]),
  ],
});
