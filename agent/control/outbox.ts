import type { Socket } from "node:net";
import type { Cancel, Clock } from "../base/index.ts";

/** From here on no answers are added and no more is read until the peer took some. */
const fullBytes = 1024 * 1024;
/** A peer that takes nothing for this long while something waits for it is let go. */
const stallMs = 30_000;

/** What waits to be sent to one peer; it never grows without bound because its user asks `isFull` before making more. */
export interface Outbox {
  send(frame: unknown): void;
  readonly isFull: boolean;
  /** Runs once the peer has taken everything. */
  onDrained(run: () => void): void;
  /** Resolves when there is room again, or the socket is gone. */
  room(): Promise<void>;
}

export function createOutbox(socket: Socket, clock: Clock): Outbox {
  const waiting: (() => void)[] = [];
  let stall: Cancel | undefined;

  const release = () => {
    stall?.();
    stall = undefined;
    for (const run of waiting.splice(0)) run();
  };
  socket.on("drain", release);
  socket.on("close", release);

  return {
    send(frame) {
      if (socket.destroyed || socket.writableEnded) return;
      const taken = socket.write(`${JSON.stringify(frame)}\n`);
      if (!taken) stall ??= clock.after(stallMs, () => socket.destroy());
    },
    get isFull() {
      return socket.writableLength > fullBytes;
    },
    onDrained: (run) => waiting.push(run),
    room: () =>
      socket.writableLength > fullBytes && !socket.destroyed ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(),
  };
}
