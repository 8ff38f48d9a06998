import { randomBytes } from "node:crypto";
import { open, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Write a whole file so that readers, and a machine that loses power, see the old content or the new one and nothing between.
 * The file is the user's alone unless `mode` says otherwise.
 */
export async function writeFileAtomically(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const draft = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}`);
  try {
    await writeDurably(draft, content, mode);
    await rename(draft, path);
  } catch (cause) {
    await unlink(draft).catch(ignoreMissingDraft);
    throw cause;
  }
  await syncDirectory(dirname(path));
}

async function writeDurably(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  const file = await open(path, "wx", mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename is durable when its directory is; Windows has no handle on directories and does this itself. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** The draft may never have been made; what went wrong first is what is told. */
function ignoreMissingDraft(): void {}
