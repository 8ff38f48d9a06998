import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import tls from "node:tls";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { tickingClock as clock } from "../../testing/index.ts";
import { createFileStore } from "../file-store.ts";
import { ecP256, makePki, makeRoom, type Pki } from "../pki.suite.ts";
import { HereTls } from "./here-tls.ts";
import { Sessions } from "./sessions.ts";
import { TlsFailed } from "./tls-identity.ts";

const room = makeRoom();
let pki: Pki;
let server: tls.Server;
let identity: HereTls;
let met = 0;
beforeAll(async () => {
  pki = makePki(room.dir);
  const { cert, key } = pki.makeDevice("laptop", ecP256);
  const files = { certPath: path.join(room.dir, "own.pem"), keyPath: path.join(room.dir, "own.key") };
  fs.writeFileSync(files.certPath, cert);
  fs.writeFileSync(files.keyPath, key);
  const store = createFileStore({ name: "laptop", files, askPin: () => Promise.resolve(undefined) });
  identity = new HereTls({ store, sessions: new Sessions(clock), clock });
  server = tls.createServer({ ...pki.server, ca: pki.deviceCa, requestCert: true }, (socket) => {
    socket.on("error", () => undefined);
    met += 1;
    socket.end();
  });
  server.on("tlsClientError", () => undefined);
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => {
  server.close();
  room.remove();
});

async function meet(ca: string): Promise<void> {
  const { port } = server.address() as net.AddressInfo;
  const socket = net.connect(port, "127.0.0.1");
  await once(socket, "connect");
  const { stream } = await identity.connectTls(socket, { serverName: "localhost", ca: [ca], sessionKey: ca });
  await once(stream.resume(), "end");
  stream.destroy();
}

it("a server that is trusted is met with a key from a file", async () => {
  await meet(pki.ca);
  await vi.waitFor(() => expect(met).toBe(1));
});

it("one that is not trusted is refused, whatever the environment says about certificates", async () => {
  await expect(meet(pki.deviceCa)).rejects.toBeInstanceOf(TlsFailed);
  vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
  await expect(meet(pki.deviceCa)).rejects.toBeInstanceOf(TlsFailed);
});
