import { Socket } from "node:net";
import { AgentError, type Clock } from "../base/index.ts";
import { type SupervisionReport, supervisionDescriptor } from "../contract/index.ts";

/** The tray application that started this agent, at the other end of the inherited descriptor. */
export interface SupervisingParent {
  /** Makes a caller of the control channel an administrator. */
  readonly secret: string;
  report(ready: SupervisionReport["ready"]): void;
  /** Called once when the parent is gone. */
  onGone(gone: () => void): void;
}

const secretMs = 5000;

/** Read the secret that the parent writes first. Rejects with CONTROL_BAD_CALL when there is no parent that behaves like one. */
export function greetParent(clock: Clock): Promise<SupervisingParent> {
  const { promise, resolve, reject } = Promise.withResolvers<SupervisingParent>();
  const fail = (detail: string) => reject(new AgentError("CONTROL_BAD_CALL", detail));
  let pipe: Socket;
  try {
    pipe = new Socket({ fd: supervisionDescriptor, readable: true, writable: true });
  } catch {
    fail(`descriptor ${supervisionDescriptor} is not open; --supervised is for the tray application`);
    return promise;
  }
  let text = "";
  let isGone = false;
  let whenGone: (() => void) | undefined;
  const gone = () => {
    if (isGone) return;
    isGone = true;
    fail("the supervising application went away");
    whenGone?.();
  };
  const cancel = clock.after(secretMs, () => fail("the supervising application sent no secret"));
  pipe.setEncoding("utf8");
  pipe.on("error", gone);
  pipe.on("close", gone);
  pipe.on("end", gone);
  pipe.on("data", (chunk: string) => {
    text += chunk;
    const secret = /^([0-9a-f]{64})\n/.exec(text)?.[1];
    if (secret === undefined) {
      if (text.length > 64) fail("the secret must be 64 hexadecimal digits");
      return;
    }
    cancel();
    // The pipe tells of the parent's end, but is no reason to stay: an agent that cannot start, or was stopped by command, must end.
    pipe.unref();
    resolve({
      secret,
      report: (ready) => pipe.write(`${JSON.stringify({ ready })}\n`),
      onGone: (run) => {
        whenGone = run;
        if (isGone) run();
      },
    });
  });
  return promise;
}
