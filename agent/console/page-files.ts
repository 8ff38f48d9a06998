import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import { AgentError } from "../base/index.ts";

export interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".json": "application/json",
};

/**
 * The built screens, by the path under which they are asked for. SECURITY: read once and looked up by the whole name, so a path in a
 * request never reaches the file system. Files of other kinds (source maps) are not served.
 */
export async function readPageFiles(rendererDir: string): Promise<ReadonlyMap<string, PageFile>> {
  const files = new Map<string, PageFile>();
  for (const path of await listFiles(rendererDir)) {
    const type = types[extname(path)];
    if (type !== undefined) files.set(`/${relative(rendererDir, path).split(sep).join("/")}`, { type, bytes: await readFile(path) });
  }
  const index = files.get("/index.html");
  if (index === undefined) throw new AgentError("CONTROL_NOT_FOUND", `the screens are not built: there is no index.html in ${rendererDir}`);
  return files.set("/", index);
}

async function listFiles(dir: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(dir, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch (cause) {
    throw new AgentError("CONTROL_NOT_FOUND", `the screens are not built: ${dir} cannot be read`, { cause });
  }
}
