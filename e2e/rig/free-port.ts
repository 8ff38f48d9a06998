import { randomInt } from "node:crypto";
import net from "node:net";

/** Below the ports that systems give to connections by themselves (Linux: from 32768 on, others from 49152), above those of services. */
const from = 12_000;
const upTo = 32_000;

/**
 * For programs that cannot pick a port themselves, and for places where nobody answers. Not a port that the system has just picked: it may
 * be given to any connection meanwhile, and who waits for the program there may even reach itself (a connection from a port to itself).
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(from, upTo);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = net.createServer();
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => (cause.code === "EADDRINUSE" ? resolve(false) : reject(cause)));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
