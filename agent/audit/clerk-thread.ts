/** Where the clerk's thread begins. It lives only while there is work, and for a few seconds after. */
import { parentPort, workerData } from "node:worker_threads";
import { formatCause } from "../base/index.ts";
import { type ClerkDesk, createClerkDesk } from "./clerk-desk.ts";
import type { ClerkAnswer, ClerkLetter } from "./clerk-tasks.ts";
import { isDamage } from "./store.ts";

const port = parentPort;
if (port === null) throw new Error("the clerk works in a thread of its own");
const desk = createClerkDesk((workerData as { readonly dir: string }).dir);

port.on("message", (letter: ClerkLetter | "end") => {
  if (letter === "end") {
    desk.close();
    port.close();
    return;
  }
  void answer(desk, letter).then((reply) => port.postMessage(reply));
});

async function answer(at: ClerkDesk, { id, task, input }: ClerkLetter): Promise<ClerkAnswer> {
  try {
    return { id, output: await at[task](input as never) };
  } catch (cause) {
    return { id, error: { message: formatCause(cause), damage: isDamage(cause) } };
  }
}
