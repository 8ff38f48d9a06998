import type { Duplex } from "node:stream";

/** One end of a connection as the kernel names it. A Unix socket has its path as address and port 0. */
export interface Address {
  readonly address: string;
  readonly port: number;
}

/** How the reading side of a leg ended. */
export type LegEnd =
  /** The peer sent FIN (or its equivalent) after its last byte. */
  | "ended"
  /** Broken off: RST, a TLS error, a stream reset. */
  | "reset"
  /** We closed it. */
  | "closed";

/**
 * One end of a tunnel, whatever carries it: a kernel socket, TLS, one stream of HTTP/2.
 *
 * Life: first its head is read by a handshake parser (`take`, `peek`, `readUntil`), then it is given to `splice`, or `release`d as a
 * Node stream. Bytes that arrived and were not taken are never lost: splice and release begin with them.
 */
export interface Leg {
  /** Exactly `count` bytes, a private copy. Rejects with {@link LegEnded} if the peer ends first; what arrived stays unread. */
  take(count: number): Promise<Buffer>;
  /** The same without waiting: undefined (and nothing consumed) while fewer bytes are here. */
  tryTake(count: number): Buffer | undefined;
  /** The next byte without consuming it. */
  peek(): Promise<number>;
  /**
   * Everything up to and including `delimiter`, or undefined (nothing consumed) when it does not appear within the first `max`
   * bytes. Rejects with {@link LegEnded} if the peer ends first.
   */
  readUntil(delimiter: string, max: number): Promise<Buffer | undefined>;
  /** Whatever is unread and here already, at least one byte; an empty buffer means that the peer has ended. Consumes it. */
  readSome(): Promise<Buffer>;
  /** Put bytes back in front of everything unread. */
  unread(bytes: Buffer): void;

  /** Send. Order is kept; the bytes must not be changed afterwards. Writing to a dead leg does nothing. */
  write(bytes: Uint8Array | string): void;
  /** Bytes given to `write` that the kernel has not taken yet. */
  readonly queuedBytes: number;
  /** Resolves when nothing that was written waits any more, or the leg is closed. One waiter; while spliced, ask nobody. */
  drained(): Promise<void>;
  /** Our FIN behind all that was written; reading goes on. */
  end(): void;
  /** Close now: unsent bytes are dropped, a waiting reader is rejected. A second call does nothing. */
  destroy(): void;
  /** For last words: send what was written, then FIN, then close when the peer has ended too, or after a few seconds. */
  finish(): void;
  readonly closed: boolean;

  /** Where it comes from and where it arrived; undefined when that is not known (any more). */
  readonly remote: Address | undefined;
  readonly local: Address | undefined;
  /** Descriptor of the kernel socket, -1 without one. For looking up who owns it; never read or write it. */
  readonly fd: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;

  /** Called once if the peer breaks the connection off before splice or release; one listener, the last one counts. */
  onGone(gone: (() => void) | undefined): void;
  /**
   * Hand over as a Node stream, unread bytes first; the leg is empty afterwards. For `node:http`, `node:http2`, `node:tls`. Paused. A
   * `Socket`, whose handle these take over natively, where a kernel socket or TLS carries the leg; else any stream, which stays open until
   * it is destroyed, so that what stands on it loses nothing.
   */
  release(): Duplex;
}

/** The peer ended, broke off, or we closed, while a parser waited for more. */
export class LegEnded extends Error {
  override readonly name = "LegEnded";
  readonly end: LegEnd;

  constructor(end: LegEnd) {
    super(
      `the connection ${end === "closed" ? "was closed" : end === "reset" ? "was broken off" : "ended"} before its message was complete`,
    );
    this.end = end;
  }
}
