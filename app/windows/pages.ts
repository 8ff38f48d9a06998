import fs from "node:fs";
import path from "node:path";
import { protocol, type Session, type WebFrameMain } from "electron";

/** The screens come from this scheme, never from `file://`: it has an origin of its own and reaches only the built folder. */
export const pageScheme = "portail-app";
const origin = `${pageScheme}://screens`;

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

/** Must happen before the application is ready. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: pageScheme, privileges: { standard: true, secure: true } }]);
}

/** Serve the built screens. SECURITY: a path outside the folder, an unknown type or a foreign host is simply not found. */
export function servePages(session: Session, folder: string): void {
  session.protocol.handle(pageScheme, async (request) => {
    const url = new URL(request.url);
    const file = path.resolve(folder, `.${decodeURIComponent(url.pathname === "/" ? "/index.html" : url.pathname)}`);
    const type = contentTypes[path.extname(file)];
    if (url.host !== "screens" || type === undefined || !file.startsWith(folder + path.sep)) return notFound();
    const body = await fs.promises.readFile(file).catch(() => undefined);
    if (body === undefined) return notFound();
    return new Response(new Uint8Array(body), {
      headers: {
        "content-type": type,
        "content-security-policy": contentSecurityPolicy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
      },
    });
  });
}

/** True for the top frame of our own pages: the only sender whose messages are heard. */
export function isOurPage(frame: WebFrameMain | null): boolean {
  if (frame === null || frame.parent !== null) return false;
  const url = new URL(frame.url);
  return `${url.protocol}//${url.host}` === origin;
}

export const startPage = `${origin}/index.html`;

function notFound(): Response {
  return new Response("not found", { status: 404, headers: { "content-type": "text/plain" } });
}
