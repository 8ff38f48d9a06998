import { connect as connectSocket, type Socket } from "node:net";
import { getSystemErrorName } from "node:util";
import { HandleLeg } from "./handle-leg.ts";
import { type ConnectRequest, type Handle, kernel } from "./kernel.ts";
import type { LegBase } from "./leg-base.ts";
import type { Leg } from "./leg.ts";
import { StreamLeg } from "./stream-leg.ts";

/** What came of one attempt: a leg, or the system's name of the error (`ECONNREFUSED`). */
export type Connected = { readonly leg: Leg } | { readonly error: string };

/** An attempt under way. */
export interface Connecting {
  /** Give up; `done` is not called any more. */
  cancel(): void;
}

/** Connect to an IP address, never a name. `done` is called once, and never before this returns. */
export function connectTcp(address: string, port: number, done: (connected: Connected) => void): Connecting {
  if (kernel === undefined) return connectStream(address, port, done);
  const handle = new kernel.Tcp(kernel.socketKind);
  const request = new kernel.ConnectRequest();
  const attempt = new Attempt(handle, done);
  request.attempt = attempt;
  request.oncomplete = onConnected;
  const status = address.includes(":") ? handle.connect6(request, address, port) : handle.connect(request, address, port);
  if (status !== 0) queueMicrotask(() => attempt.complete(status));
  return attempt;
}

function onConnected(this: ConnectRequest, status: number): void {
  (this.attempt as Attempt).complete(status);
}

class Attempt implements Connecting {
  private readonly handle: Handle;
  private done: ((connected: Connected) => void) | undefined;

  constructor(handle: Handle, done: (connected: Connected) => void) {
    this.handle = handle;
    this.done = done;
  }

  complete(status: number): void {
    const { done } = this;
    if (done === undefined) return;
    this.done = undefined;
    if (status === 0 && kernel !== undefined) {
      done({ leg: new HandleLeg(kernel, this.handle) });
      return;
    }
    this.handle.close();
    done({ error: getSystemErrorName(status) });
  }

  cancel(): void {
    if (this.done === undefined) return;
    this.done = undefined;
    this.handle.close();
  }
}

function connectStream(host: string, port: number, done: (connected: Connected) => void): Connecting {
  const socket: Socket = connectSocket({ host, port, allowHalfOpen: true, autoSelectFamily: false });
  const failed = (cause: NodeJS.ErrnoException): void => done({ error: cause.code ?? "EIO" });
  socket.once("error", failed);
  socket.once("connect", () => {
    const leg: LegBase = new StreamLeg(socket);
    socket.off("error", failed);
    done({ leg });
  });
  return {
    cancel: () => {
      socket.off("error", failed);
      socket.on("error", ignoreCancelled);
      socket.destroy();
    },
  };
}

/** The attempt was given up; how it would have failed interests nobody. */
function ignoreCancelled(): void {}
