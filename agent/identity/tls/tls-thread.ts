/**
 * The thread in which a handshake waits for a token. OpenSSL wants the signature at once, so this thread sleeps while the main thread
 * finds it: only the connection of this errand stands still. It has no key, no PIN, and reaches the network through the main thread.
 */
import { isIP } from "node:net";
import { pipeline } from "node:stream";
import { connect, type TLSSocket } from "node:tls";
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { loadNativePart } from "../native-part.ts";
import { digestNamed } from "../signing.ts";
import { PortStream } from "./port-stream.ts";
import type { Errand, FromThread, SignAnswer, ToThread } from "./thread-messages.ts";
import { formatTokenKey } from "./token-key-pem.ts";

const { addonPath } = workerData as { readonly addonPath: string };
const tell = (message: FromThread): void => parentPort?.postMessage(message);

let current: { readonly errand: Errand; readonly net: PortStream; readonly tls: TLSSocket; isCarried: boolean } | undefined;
let beginning: Errand | undefined;
let numbers = 0;

const addon = loadNativePart(addonPath);
addon.install((number, digestName, padding, message) => {
  const errand = current?.errand ?? beginning;
  const digest = digestNamed(digestName);
  if (errand === undefined || digest === undefined || number !== numbers) throw new Error("nothing is to be signed");
  Atomics.store(errand.bell, 0, 0);
  tell({ kind: "sign", digest, padding, message });
  if (Atomics.wait(errand.bell, 0, 0, errand.timeoutMs) === "timed-out") throw new Error("the token did not answer in time");
  const answer = receiveMessageOnPort(errand.answers)?.message as SignAnswer | undefined;
  if (answer === undefined || "refused" in answer) throw new Error(answer?.refused ?? "no signature");
  return Buffer.from(answer.signature);
});

parentPort?.on("message", (message: ToThread) => {
  if (message.kind === "begin") begin(message.errand);
  else if (message.kind === "carry") carry();
  else end();
});

function begin(errand: Errand): void {
  beginning = errand;
  numbers += 1;
  const { serverName, alpn, ca, crl } = errand;
  try {
    const net = new PortStream(errand.net, { closesItself: false });
    const tls = connect({
      socket: net,
      host: serverName,
      // RFC 6066 section 3: an address is no server name.
      ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
      ...(ca === undefined ? {} : { ca: [...ca] }),
      ...(crl === undefined ? {} : { crl: [...crl] }),
      ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
      ...(errand.checksName ? {} : { checkServerIdentity: () => undefined }),
      // SECURITY: said, because NODE_TLS_REJECT_UNAUTHORIZED changes the default.
      rejectUnauthorized: true,
      minVersion: errand.minVersion,
      maxVersion: errand.maxVersion,
      cert: errand.chain,
      key: formatTokenKey(numbers, errand.spki),
    });
    current = { errand, net, tls, isCarried: false };
    tls.once("close", () => net.destroy());
    // Node's own listeners and those of two pipelines: a dozen, and never more.
    tls.setMaxListeners(20);
    follow(tls);
  } catch (cause) {
    finish(cause, undefined);
  }
  beginning = undefined;
}

function follow(tls: TLSSocket): void {
  // Kept for the story of a failure: when the error is told, the socket knows nothing any more.
  let peer: Uint8Array | undefined;
  let failed: unknown;
  tls.on("session", (session: Buffer) => tell({ kind: "session", session }));
  tls.on("secureConnect", () => {
    peer = tls.getPeerX509Certificate()?.raw;
    if (peer === undefined) tls.destroy(new Error("the server showed no certificate"));
    else tell({ kind: "secure", protocol: tls.getProtocol() ?? "unknown", alpn: tls.alpnProtocol || undefined, peer });
  });
  tls.on("error", (cause) => {
    failed = cause;
    peer ??= (cause as { readonly cert?: { readonly raw?: Uint8Array } }).cert?.raw;
  });
  tls.on("close", () => finish(failed, peer));
}

/** From now on this thread is the connection: it does nothing else until both directions have ended. */
function carry(): void {
  if (current === undefined) return;
  current.isCarried = true;
  const { tls, errand } = current;
  const plain = new PortStream(errand.plain);
  const ended = () => {
    if (tls.destroyed || plain.destroyed) tls.destroy();
  };
  pipeline(tls, plain, ended);
  pipeline(plain, tls, ended);
}

/** close_notify, then FIN, then nothing: whether the server has something to say does not matter any more. */
function end(): void {
  if (current === undefined) return;
  const { tls, net } = current;
  tls.end(() => net.end(() => tls.destroy()));
}

function finish(cause: unknown, peer: Uint8Array | undefined): void {
  const errand = current?.errand ?? beginning;
  const isCarried = current?.isCarried === true;
  current = undefined;
  addon.clearErrors();
  const { code, message } = (cause ?? { code: "ECONNRESET", message: "the connection was closed" }) as {
    readonly code?: string;
    readonly message: string;
  };
  tell({ kind: "failed", code: code ?? "ERR_TLS", message, peer });
  // What is carried ends by itself, when its last bytes were taken.
  if (!isCarried) errand?.plain.close();
  errand?.answers.close();
  tell({ kind: "free" });
}
