import fs from "node:fs";
import path from "node:path";
import { type Ran, run } from "./run.ts";

const chromium = process.env["PORTAIL_CHROMIUM"] ?? "/usr/bin/chromium";

/** Only what is asked for: no updates, no sign-in, no traffic of its own; and loopback goes through the proxy like all else. */
const quiet = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
  "--proxy-bypass-list=<-loopback>",
];

/** The page as a new Chromium with an empty profile shows it, got through a proxy (`socks5://…`, `http://…`, `https://…`). */
export function browse(
  url: string,
  { proxy, dir, more = [] }: { readonly proxy: string; readonly dir: string; readonly more?: readonly string[] },
): Promise<Ran> {
  const profile = fs.mkdtempSync(path.join(dir, "chromium-"));
  const args = [...quiet, ...more, `--user-data-dir=${profile}`, `--proxy-server=${proxy}`, "--dump-dom", url];
  return run(chromium, args, { timeoutMs: 40_000, env: { HOME: profile } });
}
