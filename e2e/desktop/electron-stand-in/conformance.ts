/**
 * Holds the stand-in against electron.d.ts. Nothing here runs: compiling it is the test. Every member that the stand-in offers must exist in
 * the real API, accept at least what the real one accepts, and return something that conforms in turn. A name that begins with `_`
 * is the stand-in's own. `build/checks/stand-in-events-check.mjs` holds the names of events, which types cannot list.
 *
 * `satisfies Partial<typeof import("electron")>` would not do: a class would have to be complete, and methods compare loosely.
 */
import type { EventEmitter } from "node:events";
import type * as Electron from "electron";
import type * as StandIn from "./src/electron.ts";
import type { NativeImage } from "./src/native.ts";
import type { Session } from "./src/pages.ts";
import type { WebContents } from "./src/web-contents.ts";

type Real = typeof Electron;
type Call = (...given: never[]) => unknown;
type OfferedNames<T> = Exclude<keyof T, `_${string}` | keyof EventEmitter | symbol>;

/** Compared as plain function types, so that parameters are compared strictly also where both are methods. */
type Accepts<Ours extends Call, Theirs extends Call> = ((...given: Parameters<Ours>) => void) extends (...given: Parameters<Theirs>) => void
  ? true
  : false;

/** How deep answers are followed. */
type Less = [never, 0, 1, 2, 3];

type CallConforms<Ours extends Call, Theirs, Depth extends number> = Theirs extends Call
  ? Accepts<Ours, Theirs> extends true
    ? Conforms<ReturnType<Ours>, ReturnType<Theirs>, Less[Depth]>
    : false
  : Ours extends Theirs
    ? true
    : false;

type ObjectConforms<Ours, Theirs, Depth extends number> = [NonNullable<Ours>] extends [object]
  ? [Strangers<NonNullable<Ours>, NonNullable<Theirs>, Less[Depth]>] extends [never]
    ? true
    : false
  : false;

type Conforms<Ours, Theirs, Depth extends number> = [Depth] extends [0]
  ? true
  : [Ours] extends [Call]
    ? CallConforms<Ours, Theirs, Depth>
    : [Ours] extends [Theirs]
      ? true
      : [Ours] extends [Promise<infer OurValue>]
        ? [Theirs] extends [Promise<infer TheirValue>]
          ? Conforms<OurValue, TheirValue, Depth>
          : false
        : [Ours] extends [readonly (infer OurItem)[]]
          ? [Theirs] extends [readonly (infer TheirItem)[]]
            ? Conforms<OurItem, TheirItem, Depth>
            : false
          : ObjectConforms<Ours, Theirs, Depth>;

/** The names of members that are not of the real API, or not as they are there. */
type Strangers<Ours, Theirs, Depth extends number = 3> = {
  [Name in OfferedNames<Ours>]: Name extends keyof Theirs ? (Conforms<Ours[Name], Theirs[Name], Depth> extends true ? never : Name) : Name;
}[OfferedNames<Ours>];

/** `true`, or the names of the strangers: so the compiler's message says which they are. */
type Check<Ours, Theirs> = [Strangers<Ours, Theirs>] extends [never] ? true : Strangers<Ours, Theirs>;
type Statics<T> = Omit<T, "prototype">;

export const conformance: {
  readonly exports: Check<typeof StandIn.default, Real>;
  readonly app: Check<typeof StandIn.app, Real["app"]>;
  readonly commandLine: Check<typeof StandIn.app.commandLine, Real["app"]["commandLine"]>;
  readonly browserWindow: Check<StandIn.BrowserWindow, Electron.BrowserWindow>;
  readonly browserWindowStatics: Check<Statics<typeof StandIn.BrowserWindow>, Statics<Real["BrowserWindow"]>>;
  readonly ipcMain: Check<typeof StandIn.ipcMain, Real["ipcMain"]>;
  readonly menu: Check<StandIn.Menu, Electron.Menu>;
  readonly menuStatics: Check<Statics<typeof StandIn.Menu>, Statics<Real["Menu"]>>;
  readonly menuItem: Check<StandIn.MenuItem, Electron.MenuItem>;
  readonly nativeImage: Check<typeof StandIn.nativeImage, Real["nativeImage"]>;
  readonly image: Check<NativeImage, Electron.NativeImage>;
  readonly notification: Check<StandIn.Notification, Electron.Notification>;
  readonly notificationStatics: Check<Statics<typeof StandIn.Notification>, Statics<Real["Notification"]>>;
  readonly protocol: Check<typeof StandIn.protocol, Real["protocol"]>;
  readonly session: Check<typeof StandIn.session, Real["session"]>;
  readonly sessionInstance: Check<Session, Electron.Session>;
  readonly shell: Check<typeof StandIn.shell, Real["shell"]>;
  readonly tray: Check<StandIn.Tray, Electron.Tray>;
  readonly webContents: Check<typeof StandIn.webContents, Real["webContents"]>;
  readonly contents: Check<WebContents, Electron.WebContents>;
} = {
  exports: true,
  app: true,
  commandLine: true,
  browserWindow: true,
  browserWindowStatics: true,
  ipcMain: true,
  menu: true,
  menuStatics: true,
  menuItem: true,
  nativeImage: true,
  image: true,
  notification: true,
  notificationStatics: true,
  protocol: true,
  session: true,
  sessionInstance: true,
  shell: true,
  tray: true,
  webContents: true,
  contents: true,
};
