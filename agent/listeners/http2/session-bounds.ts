import type { ServerSessionOptions } from "node:http2";
import { maxFields, maxHeadBytes } from "../http/index.ts";

/** Most streams of one connection at a time. With the window below it bounds what stalled servers make us hold for one client. */
export const maxStreams = 128;
/** How much a client may send on one stream, and on all of them, before it is read. Measured: docs/decisions/http2-listener.md. */
export const streamWindow = 1024 * 1024;
export const connectionWindow = 16 * streamWindow;

/**
 * What one connection may ask of us. A connection that goes beyond is ended by the runtime with GOAWAY: too many resets (CVE-2023-44487),
 * CONTINUATION without end (CVE-2024-27316), settings and pings whose answers it does not read.
 */
export const sessionBounds: ServerSessionOptions & { readonly streamResetBurst: number; readonly streamResetRate: number } = {
  settings: {
    initialWindowSize: streamWindow,
    maxConcurrentStreams: maxStreams,
    maxHeaderListSize: maxHeadBytes,
    enablePush: false,
  },
  maxHeaderListPairs: maxFields + 4,
  /** Heads of servers go on, however long: the name and value of each field, in the longest coding. */
  maxSendHeaderBlockLength: 4 * maxHeadBytes,
  /** In MB. The bounds above hold before this one, which would refuse streams in the middle of bulk. */
  maxSessionMemory: 256,
  maxSessionRejectedStreams: 1000,
  /** Tunnels that a busy browser closes early are resets too. */
  streamResetBurst: 1000,
  streamResetRate: 100,
  strictSingleValueFields: false,
};
