/**
 * The process that holds a vendor's PKCS#11 module, started by the agent with the paths of the module and of our native part. It talks over
 * the channel that it inherited and over nothing else, takes PINs from the pipe beside it, and ends when the channel does.
 */
import fs from "node:fs";
import { nameOf, openCryptoki, openLogin } from "./cryptoki.ts";
import { type Pin, type PinSource, tokenCallSchema, TokenFailure } from "./messages.ts";
import { TokenDesk } from "./token-desk.ts";

const answer = (message: object): void => {
  process.send?.(message);
};

/** Several modules crash in their exit handlers; there is nothing left to do that an exit handler could. */
const leave = (): never => {
  process.kill(process.pid, "SIGKILL");
  process.exit(1);
};

const [, , modulePath = "", addonPath = ""] = process.argv;
let opened: TokenDesk | undefined;
/** Loaded with the first question, so that a module that cannot be loaded is an answer. */
function desk(): TokenDesk {
  if (opened !== undefined) return opened;
  const login = openLogin(addonPath, modulePath);
  opened = new TokenDesk(openCryptoki(modulePath), login);
  return opened;
}

/** Beside the inherited channel, which is 3. */
const pinPipe = 4;

/**
 * The bytes that the agent has written before it sent the message that names them.
 *
 * SECURITY: read by the system into the one buffer that is overwritten after use.
 */
function takePin(source: PinSource | undefined): Pin | undefined {
  if (source === undefined || source === "at-reader") return source;
  const pin = Buffer.allocUnsafeSlow(source);
  for (let at = 0; at < source; ) {
    const count = fs.readSync(pinPipe, pin, at, source - at, null);
    if (count === 0) leave();
    at += count;
  }
  return pin;
}

async function serve(message: unknown): Promise<void> {
  const call = tokenCallSchema.safeParse(message);
  // Only a newer or older agent could say what we do not understand: neither can be.
  if (!call.success) leave();
  else {
    const { id, request } = call.data;
    const pin = takePin("pin" in request ? request.pin : undefined);
    try {
      answer({ kind: "done", id, value: await desk().carryOut(request, pin) });
    } catch (cause) {
      const failure = cause instanceof TokenFailure ? cause : new TokenFailure("MODULE", nameOf(cause));
      const { problem, message: detail, token } = failure;
      answer({ kind: "failed", id, problem, detail, ...(token === undefined ? {} : { token }) });
    } finally {
      if (pin instanceof Uint8Array) pin.fill(0);
    }
  }
}

/** One at a time, in order: a session can do one thing, and so can a token. */
let last: Promise<void> = Promise.resolve();
process.on("message", (message) => {
  last = last.then(() => serve(message));
});
process.on("disconnect", leave);
// The agent decides when we end; Ctrl-C in its terminal reaches us too.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => undefined);
answer({ kind: "ready" });
