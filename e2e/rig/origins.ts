import http from "node:http";
import net from "node:net";

/** A server of the lab on loopback, on a port that the kernel picked. */
export interface Origin {
  readonly port: number;
  readonly url: string;
  /** Requests or connections so far. */
  readonly seen: number;
  close(): Promise<void>;
}

async function listen(server: net.Server, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, () => resolve());
  });
  return (server.address() as net.AddressInfo).port;
}

function closer(server: net.Server): () => Promise<void> {
  const sockets = new Set<net.Socket>();
  server.on("connection", (socket: net.Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return () =>
    new Promise((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
}

/** An HTTP server; without a handler it answers `hello from the origin`. */
export async function startHttpOrigin(handler?: http.RequestListener, host = "127.0.0.1"): Promise<Origin> {
  let seen = 0;
  const server = http.createServer((request, response) => {
    seen += 1;
    if (handler !== undefined) handler(request, response);
    else response.end("hello from the origin\n");
  });
  const close = closer(server);
  const port = await listen(server, host);
  return {
    port,
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}/`,
    get seen() {
      return seen;
    },
    close,
  };
}

/** A TCP server; without a handler it sends back what it gets, and half-closes when its client does. */
export async function startTcpOrigin(handler?: (socket: net.Socket) => void, host = "127.0.0.1"): Promise<Origin> {
  let seen = 0;
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    seen += 1;
    socket.on("error", ignoreReset);
    if (handler !== undefined) handler(socket);
    else socket.pipe(socket);
  });
  const close = closer(server);
  const port = await listen(server, host);
  return {
    port,
    url: `tcp://${host}:${port}`,
    get seen() {
      return seen;
    },
    close,
  };
}

/** Clients break off in these tests on purpose. */
function ignoreReset(): void {}
