import fs from "node:fs";
import path from "node:path";

/** The screens come from this scheme, never from `file://`: it has an origin of its own and reaches only the built folder. */
export const pageScheme = "portail-app";
const host = "screens";

export const startPage = `${pageScheme}://${host}/index.html`;

/** As a response header, so that no page can be there without it. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
};

/** True for an address of our own pages; whatever else a window shows is a stranger. */
export function isOurAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  return url.protocol === `${pageScheme}:` && url.host === host;
}

/** One file of the built screens. SECURITY: a path outside the folder, an unknown type or a foreign host is simply not found. */
export async function answerPage(folder: string, address: string): Promise<Response> {
  const file = isOurAddress(address) ? fileOf(folder, new URL(address).pathname) : undefined;
  const type = contentTypes[path.extname(file ?? "")];
  if (file === undefined || type === undefined) return notFound();
  const body = await fs.promises.readFile(file).catch(() => undefined);
  return body === undefined ? notFound() : new Response(new Uint8Array(body), { headers: headersFor(type) });
}

function fileOf(folder: string, pathname: string): string | undefined {
  try {
    const file = path.resolve(folder, `.${decodeURIComponent(pathname === "/" ? "/index.html" : pathname)}`);
    return file.startsWith(folder + path.sep) ? file : undefined;
  } catch {
    return undefined;
  }
}

function headersFor(type: string): Record<string, string> {
  return {
    "content-type": type,
    "content-security-policy": contentSecurityPolicy,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
  };
}

function notFound(): Response {
  return new Response("not found", { status: 404, headers: headersFor("text/plain; charset=utf-8") });
}
