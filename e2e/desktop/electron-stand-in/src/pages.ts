import { EventEmitter } from "node:events";
import { browser } from "./browser.ts";
import { strict } from "./strict.ts";

type PageHandler = (request: Request) => Response | Promise<Response>;

const privileged = new Set<string>();
const handlers = new Map<string, PageHandler>();
/** Chromium cannot be taught a scheme from outside: `scheme://host/x` is served as `https://scheme--host<this>/x`, and main sees the former. */
const secureHost = ".electron-stand-in.invalid";

export function toChromium(address: string): string {
  const url = new URL(address);
  const scheme = url.protocol.slice(0, -1);
  if (!privileged.has(scheme)) return address;
  return `https://${scheme}--${url.host}${secureHost}${url.pathname}${url.search}${url.hash}`;
}

export function fromChromium(address: string): string {
  const [, scheme, host, rest] = /^https:\/\/([a-z0-9+.-]+?)--([^/]*)\.electron-stand-in\.invalid(\/.*)?$/.exec(address) ?? [];
  return scheme === undefined ? address : `${scheme}://${host}${rest ?? "/"}`;
}

export function handlerOf(address: string): PageHandler | undefined {
  return handlers.get(new URL(address).protocol.slice(0, -1));
}

export const protocol = strict("protocol", {
  registerSchemesAsPrivileged(schemes: { scheme: string; privileges?: { standard?: boolean } }[]): void {
    if (browser.phase !== "starting") throw new Error("protocol.registerSchemesAsPrivileged should be called before app is ready");
    for (const { scheme, privileges } of schemes) if (privileges?.standard === true) privileged.add(scheme);
  },
  handle(scheme: string, handler: PageHandler): void {
    if (browser.phase !== "ready") throw new Error("protocol.handle can only be used after app is ready");
    if (!privileged.has(scheme)) throw new Error(`electron stand-in: register ${scheme} as a standard scheme first`);
    if (handlers.has(scheme)) throw new Error(`Failed to register protocol: ${scheme}`);
    handlers.set(scheme, handler);
  },
});

/** Handlers are kept where a test can call them: no page of the product asks for a permission. */
export class Session extends EventEmitter {
  readonly protocol = protocol;
  _permissionRequest: unknown = undefined;
  _permissionCheck: unknown = undefined;

  setPermissionRequestHandler(handler: unknown): void {
    this._permissionRequest = handler;
  }
  setPermissionCheckHandler(handler: unknown): void {
    this._permissionCheck = handler;
  }
}

const defaultSession = strict("session", new Session());
export const session = strict("session", {
  get defaultSession(): Session {
    return defaultSession;
  },
});
