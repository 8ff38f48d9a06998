import fs from "node:fs";
import path from "node:path";
import { CallRefused, unreachable } from "./call-refused.ts";

/**
 * SECURITY: the greeting carries the secret, so the place is looked at first: a socket of our own in a directory that is ours and closed to
 * everybody else. Nobody but us can have put it there. Windows has no such directory; its pipe is created without access for others.
 */
export function proveSocket(socketPath: string): void {
  const uid = process.getuid?.();
  if (uid === undefined) return;
  const directory = path.dirname(socketPath);
  const house = fs.lstatSync(directory, { throwIfNoEntry: false });
  const door = fs.lstatSync(socketPath, { throwIfNoEntry: false });
  if (house === undefined || door === undefined) throw unreachable(`there is no ${socketPath}`);
  if (!house.isDirectory() || house.uid !== uid || (house.mode & 0o077) !== 0)
    throw new CallRefused({ code: "AGENT_STATE_DIR", detail: `${directory} is not yours alone; nothing was sent` });
  if (!door.isSocket() || door.uid !== uid)
    throw new CallRefused({ code: "AGENT_STATE_DIR", detail: `${socketPath} is not a socket of yours; nothing was sent` });
}
