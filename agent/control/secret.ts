import { close, read } from "node:fs";
import { promisify } from "node:util";
import { AgentError } from "../base/index.ts";

const readDescriptor = promisify(read);
const closeDescriptor = promisify(close);

/** 256 bits in hexadecimal, and a newline or the end of the stream behind them. */
const secretDigits = 64;

/**
 * Read the per-run secret that a supervisor hands over on an inherited descriptor, then close it.
 * SECURITY: never argv, environment or disk; those can be read by others or outlive the run.
 */
export async function readSecret(descriptor: number): Promise<string> {
  try {
    return parseSecret(await readAll(descriptor));
  } finally {
    await closeDescriptor(descriptor);
  }
}

async function readAll(descriptor: number): Promise<string> {
  const buffer = Buffer.alloc(secretDigits + 2);
  let filled = 0;
  while (filled < buffer.length && !buffer.subarray(0, filled).includes(0x0a)) {
    const { bytesRead } = await readDescriptor(descriptor, buffer, filled, buffer.length - filled, null);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.toString("latin1", 0, filled);
}

function parseSecret(text: string): string {
  const secret = text.endsWith("\n") ? text.slice(0, -1) : text;
  if (secret.length === secretDigits && /^[0-9a-f]+$/.test(secret)) return secret;
  throw new AgentError("CONTROL_BAD_CALL", `the secret descriptor must carry ${secretDigits} hexadecimal digits and nothing else`);
}
