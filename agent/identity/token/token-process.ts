/**
 * The process that holds a vendor's PKCS#11 module, started by the agent with the module's path as its only argument. It talks over the
 * channel that it inherited and over nothing else, and ends when the channel does.
 */
import { nameOf, openCryptoki } from "./cryptoki.ts";
import { tokenCallSchema, TokenFailure } from "./messages.ts";
import { TokenDesk } from "./token-desk.ts";

const answer = (message: object): void => {
  process.send?.(message);
};

/** Several modules crash in their exit handlers; there is nothing left to do that an exit handler could. */
const leave = (): never => {
  process.kill(process.pid, "SIGKILL");
  process.exit(1);
};

let opened: TokenDesk | undefined;
/** Loaded with the first question, so that a module that cannot be loaded is an answer. */
const desk = (): TokenDesk => (opened ??= new TokenDesk(openCryptoki(process.argv[2] ?? "")));

async function serve(message: unknown): Promise<void> {
  const call = tokenCallSchema.safeParse(message);
  // Only a newer or older agent could say what we do not understand: neither can be.
  if (!call.success) leave();
  else {
    const { id, request } = call.data;
    try {
      answer({ kind: "done", id, value: await desk().carryOut(request) });
    } catch (cause) {
      const failure = cause instanceof TokenFailure ? cause : new TokenFailure("MODULE", nameOf(cause));
      const { problem, message: detail, token } = failure;
      answer({ kind: "failed", id, problem, detail, ...(token === undefined ? {} : { token }) });
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
