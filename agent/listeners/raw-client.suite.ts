import { connect, createServer, type Server, type Socket } from "node:net";

/** A bare TCP client for tests: what it got so far, and ways to wait for more. */
export interface RawClient {
  readonly socket: Socket;
  send(bytes: Uint8Array | string): void;
  /** Say that nothing more is sent, after these last words; reading goes on. */
  end(bytes?: string): void;
  received(): Buffer;
  text(): string;
  /** Until `enough` says so about what was received; rejects when the connection ends before. */
  until(enough: (received: Buffer) => boolean): Promise<Buffer>;
  /** Until the connection is closed; how: by FIN, or broken off. */
  closed: Promise<"ended" | "reset">;
  reset(): void;
}

export function openRaw(port: number, host = "127.0.0.1"): Promise<RawClient> {
  const socket = connect({ port, host, allowHalfOpen: true, noDelay: true });
  let all: Buffer = Buffer.alloc(0);
  let look: () => void = () => undefined;
  let how: "ended" | "reset" | undefined;
  const closed = new Promise<"ended" | "reset">((resolve) => {
    socket.on("end", () => {
      how = "ended";
      look();
      resolve("ended");
    });
    socket.on("error", () => {
      how ??= "reset";
    });
    socket.on("close", () => {
      how ??= "reset";
      look();
      resolve(how);
    });
  });
  socket.on("data", (bytes: Buffer) => {
    all = Buffer.concat([all, bytes]);
    look();
  });
  const client: RawClient = {
    socket,
    send: (bytes) => void socket.write(bytes),
    end: (bytes) => void socket.end(bytes ?? ""),
    received: () => all,
    text: () => all.toString("latin1"),
    until: (enough) =>
      new Promise((resolve, reject) => {
        look = () => {
          if (enough(all)) resolve(all);
          else if (how !== undefined)
            reject(new Error(`the connection ${how} after ${JSON.stringify(all.toString("latin1").slice(0, 300))}`));
        };
        look();
      }),
    closed,
    reset: () => void socket.resetAndDestroy(),
  };
  return new Promise((resolve, reject) => {
    socket.once("connect", () => resolve(client));
    socket.once("error", reject);
  });
}

/** Send everything, end, and collect the whole answer. */
export async function converse(port: number, bytes: Uint8Array | string): Promise<string> {
  const client = await openRaw(port);
  client.send(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  await client.closed;
  client.socket.destroy();
  return client.text();
}

export interface RawServer {
  readonly port: number;
  readonly sockets: Set<Socket>;
  readonly accepted: () => number;
  /** Everything that its connections received, in order of arrival. */
  readonly seen: () => string;
  readonly close: () => Promise<void>;
}

/** A bare TCP server for tests. Sockets allow half-open; their errors are swallowed, as tests provoke them. */
export async function serveRaw(onSocket: (socket: Socket) => void): Promise<RawServer> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  let seen = "";
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    accepted++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    socket.on("data", (bytes: Buffer) => {
      seen += bytes.toString("latin1");
    });
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    sockets,
    accepted: () => accepted,
    seen: () => seen,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A bare HTTP server: sends `answer` for each head that arrives. Bodies of requests it takes for heads, so none may hold an empty line. */
export function serveAnswers(answer: string | ((head: string, socket: Socket) => void)): Promise<RawServer> {
  return serveRaw((socket) => {
    let text = "";
    socket.on("data", (bytes: Buffer) => {
      text += bytes.toString("latin1");
      for (let end = text.indexOf("\r\n\r\n"); end >= 0; end = text.indexOf("\r\n\r\n")) {
        const head = text.slice(0, end + 4);
        text = text.slice(end + 4);
        if (typeof answer === "string") socket.write(answer, "latin1");
        else answer(head, socket);
      }
    });
    socket.on("end", () => socket.end());
  });
}

/** Wait for a condition; fails loudly instead of hanging. */
export async function eventually(isTrue: () => boolean, what = "the condition"): Promise<void> {
  const started = performance.now();
  while (!isTrue()) {
    if (performance.now() - started > 10_000) throw new Error(`${what} did not come true`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
