import net from "node:net";

/** One side of a tunnel, held by a test: nothing that arrives is lost, and how it ended is known even when it ended early. */
export interface Tunnel {
  readonly socket: net.Socket;
  /** The reply byte of RFC 1928 section 6; 0 is success. */
  readonly reply: number;
  write(text: string | Buffer): void;
  /** Waits for exactly that many bytes. */
  read(count: number): Promise<string>;
  /** Resolves when the far side has ended or reset the connection. */
  readonly closed: Promise<void>;
  end(): void;
}

export interface TunnelTo {
  readonly host?: string;
  readonly port: number;
}

/** Where a client connects: a port of loopback, or a path of a Unix socket. */
export type Way = number | net.NetConnectOpts;

/** A SOCKS5 tunnel by hand. Resolves with whatever the agent answers; a test that wants success looks at `reply`. */
export async function openTunnel(way: Way, { host = "127.0.0.1", port }: TunnelTo): Promise<Tunnel> {
  const held = hold(way);
  const name = Buffer.from(host);
  held.write(Buffer.from([5, 1, 0]));
  const method = await held.readBytes(2);
  if (method[1] !== 0) throw new Error(`the agent answered the greeting with ${method.toString("hex")}`);
  held.write(Buffer.concat([Buffer.from([5, 1, 0, 3, name.length]), name, Buffer.from([port >> 8, port & 255])]));
  const [, reply = 255, , family] = await held.readBytes(4);
  await held.readBytes(family === 4 ? 18 : 6);
  return { ...held, reply };
}

/** Say something to a port, and read until the other side is done; what it said by then is the answer. */
export async function talk(way: Way, words: string | Buffer): Promise<Buffer> {
  const held = hold(way);
  held.write(words);
  await held.closed;
  return held.rest();
}

interface Held extends Omit<Tunnel, "reply"> {
  readBytes(count: number): Promise<Buffer>;
  rest(): Buffer;
}

function hold(way: Way): Held {
  const socket = net.connect(typeof way === "number" ? { host: "127.0.0.1", port: way } : way);
  let arrived = Buffer.alloc(0);
  let isOver = false;
  let wake = () => {};
  const closed = new Promise<void>((resolve) => {
    socket.on("close", () => {
      isOver = true;
      wake();
      resolve();
    });
  });
  socket.on("error", ignoreReset);
  socket.on("data", (chunk: Buffer) => {
    arrived = Buffer.concat([arrived, chunk]);
    wake();
  });
  const readBytes = async (count: number): Promise<Buffer> => {
    while (arrived.length < count) {
      if (isOver) throw new Error(`the connection ended after ${arrived.length} of ${count} bytes`);
      await new Promise<void>((resolve) => (wake = resolve));
    }
    const taken = arrived.subarray(0, count);
    arrived = arrived.subarray(count);
    return taken;
  };
  return {
    socket,
    closed,
    write: (bytes) => void socket.write(bytes),
    end: () => void socket.end(),
    readBytes,
    read: async (count) => (await readBytes(count)).toString(),
    rest: () => arrived,
  };
}

/** How a connection ends is told by `closed`. */
function ignoreReset(): void {}
