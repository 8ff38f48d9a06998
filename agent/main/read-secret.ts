const enter = new Set([0x0a, 0x0d]);
const ctrlC = 0x03;
const ctrlD = 0x04;
const erase = new Set([0x08, 0x7f]);
/** One-time tokens of authorities have some hundred characters. */
const longest = 8192;

/**
 * One line from the person, which no screen shows; from a pipe when standard input is no terminal. Undefined: Ctrl-C, or nothing more
 * comes.
 *
 * SECURITY: a PIN is typed or piped, never a word on the command line, which everybody on the machine can read.
 */
export async function readSecret(question: string, own: NodeJS.Process, signal: AbortSignal): Promise<string | undefined> {
  const { stdin, stderr } = own;
  const typed: number[] = [];
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const stop = (): void => resolve(false);
  // `printf` and files of tokens end their last line without a line break.
  const end = (): void => resolve(typed.length > 0);
  const take = (chunk: Buffer): void => {
    for (const byte of chunk) {
      if (enter.has(byte)) return resolve(true);
      if (byte === ctrlC || (byte === ctrlD && typed.length === 0)) return resolve(false);
      if (erase.has(byte)) typed.pop();
      else if (typed.length < longest) typed.push(byte);
    }
    return undefined;
  };
  stderr.write(`${question} `);
  if (stdin.isTTY) stdin.setRawMode(true);
  stdin.on("data", take);
  stdin.once("end", end);
  signal.addEventListener("abort", stop, { once: true });
  stdin.resume();
  const isGiven = await promise;
  stdin.pause();
  stdin.off("data", take);
  stdin.off("end", end);
  if (stdin.isTTY) stdin.setRawMode(false);
  stderr.write("\n");
  const secret = isGiven ? Buffer.from(typed).toString("utf8") : undefined;
  typed.fill(0);
  return secret;
}
