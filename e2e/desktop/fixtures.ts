import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { _electron, test as base, type ElectronApplication, type JSHandle, type Page } from "@playwright/test";
import type { BrowserWindow } from "electron";
import { statusSchema, type Status } from "../../agent/contract/index.ts";
import { eventually, run } from "../rig/index.ts";

export { expect } from "@playwright/test";

const root = path.resolve(import.meta.dirname, "../..");

/** Real Electron where its binary is, else the stand-in. E2E_RUNTIME=electron insists, =stand-in forces the other. */
export function chooseRuntime(): string {
  const forced = process.env["E2E_RUNTIME"];
  const program = { darwin: "Electron.app/Contents/MacOS/Electron", win32: "electron.exe" }[process.platform as string] ?? "electron";
  const real = process.env["PORTAIL_ELECTRON_DIST"] ?? path.join(root, "node_modules/electron/dist");
  const isThere = fs.existsSync(path.join(real, program));
  if (forced === "electron" && !isThere) throw new Error(`E2E_RUNTIME=electron, but there is no ${path.join(real, program)}`);
  return isThere && forced !== "stand-in" ? real : path.join(import.meta.dirname, "electron-stand-in/dist");
}

export interface Desktop {
  readonly app: ElectronApplication;
  readonly userData: string;
  readonly stateDir: string;
  readonly configPath: string;
  readonly configHome: string;
  /** The main process; under the stand-in a Node process, with a Chromium beside it. */
  readonly pid: number;
  /** Of the agent that the application started; waits until it is ready. */
  status(): Promise<Status>;
  tray(): Promise<{ readonly tooltip: string; readonly labels: readonly string[] }>;
  press(itemId: string): Promise<void>;
  notifications(): Promise<readonly { readonly title: string; readonly body: string }[]>;
  clickNotification(at: number): Promise<void>;
  /** The window that shows a page, as the main process has it. */
  windowOf(page: Page): Promise<JSHandle<BrowserWindow>>;
  opened(): Promise<readonly string[]>;
  /** Every 256 bits that the main process drew, in hexadecimal: its secrets are among them. */
  drawnSecrets(): Promise<readonly string[]>;
  /** A second start of the application with these words; its exit code. */
  startAgain(words: readonly string[]): Promise<number | null>;
  /** Quit, and start anew on the same folders. */
  relaunch(): Promise<Desktop>;
}

interface Spy {
  readonly menu: { readonly items: readonly MenuLine[] } | null;
  readonly tooltip: string;
  readonly notifications: readonly { readonly title: string; readonly body: string; click(): void }[];
  readonly opened: readonly string[];
  readonly drawn: readonly string[];
}

interface MenuLine {
  readonly id: string;
  readonly label: string;
  readonly enabled: boolean;
  click(): void;
}

interface Start {
  readonly config: string;
  /** Absent: the policy that is built in. */
  readonly policy: string | undefined;
  readonly words: readonly string[];
}

/** The agent alone, and whatever the test adds; every path of it lies in a folder that goes away. */
export const test = base.extend<Start & { desktop: Desktop; window: Page }>({
  config: ["listeners:\n  local: { kind: proxy, listen: 127.0.0.1:0 }\n", { option: true }],
  policy: [undefined, { option: true }],
  words: [[], { option: true }],
  desktop: async ({ config, policy, words }, use, info) => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), "portail-desktop-"));
    fs.writeFileSync(path.join(dir, "portail.yaml"), policy === undefined ? config : `${config}policy: policy.portail\n`);
    if (policy !== undefined) fs.writeFileSync(path.join(dir, "policy.portail"), policy);
    const started: Desktop[] = [];
    const desktop = await launch(dir, words, started);
    info.annotations.push({ type: "runtime", description: await nameOfRuntime(desktop.app) });
    await use(desktop);
    for (const { app } of started) await app.close().catch(ignoreGoneApplication);
    await eventually(() => expectNoAgent(path.join(dir, "state")));
    fs.rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  },
  window: async ({ desktop }, use) => {
    await use(await desktop.app.firstWindow());
  },
});

/** An agent is known by its state directory, which stands in its command line. */
export function agentsOn(stateDir: string): number[] {
  return fs.readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const words = readProc(name, "cmdline").split("\0");
    return words.includes("--supervised") && words.includes(`--state-dir=${stateDir}`) ? [Number(name)] : [];
  });
}

export function readProc(pid: number | string, file: "cmdline" | "environ"): string {
  try {
    return fs.readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

function expectNoAgent(stateDir: string): void {
  const left = agentsOn(stateDir);
  if (left.length > 0) throw new Error(`the agent with pid ${left.join()} outlived its application`);
}

async function launch(dir: string, words: readonly string[], started: Desktop[]): Promise<Desktop> {
  const userData = path.join(dir, "user-data");
  const stateDir = path.join(dir, "state");
  const configPath = path.join(dir, "portail.yaml");
  const configHome = path.join(dir, "config-home");
  process.env["ELECTRON_OVERRIDE_DIST_PATH"] = chooseRuntime();
  const own = [`--state-dir=${stateDir}`, `--config=${configPath}`, ...words];
  const app = await _electron.launch({
    cwd: root,
    args: [`--user-data-dir=${userData}`, "-r", path.join(import.meta.dirname, "spy.cjs"), root, ...own],
    env: { ...definedOf(process.env), XDG_RUNTIME_DIR: "", XDG_CONFIG_HOME: configHome },
    timeout: 30_000,
  });
  const desktop: Desktop = {
    app,
    userData,
    stateDir,
    configPath,
    configHome,
    pid: await app.evaluate(() => process.pid),
    status: () => readStatus(stateDir),
    ...seenThroughSpy(app),
    // Playwright may see a page of the stand-in's browser a moment before the stand-in knows whose it is.
    windowOf: (page) => eventually(async () => (await app.browserWindow(page)) as JSHandle<BrowserWindow>),
    startAgain: async (more) => {
      const electron = path.join(chooseRuntime(), "electron");
      const again = await run(electron, ["--no-sandbox", `--user-data-dir=${userData}`, root, ...more], { cwd: root });
      return again.code;
    },
    relaunch: async () => {
      await app.close();
      return launch(dir, words, started);
    },
  };
  started.push(desktop);
  return desktop;
}

/** What is shown outside of windows, as spy.cjs remembers it. */
function seenThroughSpy(
  app: ElectronApplication,
): Pick<Desktop, "tray" | "press" | "notifications" | "clickNotification" | "opened" | "drawnSecrets"> {
  const spied = () =>
    app.evaluate(() => {
      const { menu, tooltip, notifications, opened, drawn } = (globalThis as unknown as { portailSpy: Spy }).portailSpy;
      const labels = (menu?.items ?? []).map(({ label }) => label);
      return { tooltip, labels, opened, drawn, notifications: notifications.map(({ title, body }) => ({ title, body })) };
    });
  return {
    tray: async () => {
      const { tooltip, labels } = await spied();
      return { tooltip, labels };
    },
    notifications: async () => (await spied()).notifications,
    opened: async () => (await spied()).opened,
    drawnSecrets: async () => (await spied()).drawn,
    press: (itemId) =>
      app.evaluate((_electron, id) => {
        const found = (globalThis as unknown as { portailSpy: Spy }).portailSpy.menu?.items.find((item) => item.id === id);
        if (found?.enabled !== true) throw new Error(`no menu item to press: ${id}`);
        found.click();
      }, itemId),
    clickNotification: (at) =>
      app.evaluate((_electron, index) => {
        const found = (globalThis as unknown as { portailSpy: Spy }).portailSpy.notifications[index];
        if (found === undefined) throw new Error(`no notification ${index}`);
        found.click();
      }, at),
  };
}

function definedOf(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

async function readStatus(stateDir: string): Promise<Status> {
  return eventually(async () => {
    const { code, stdout, stderr } = await run(
      path.join(root, "out/portail"),
      ["status", "--json", "--wait", "10", "--state-dir", stateDir],
      { env: { XDG_RUNTIME_DIR: "" } },
    );
    if (code !== 0) throw new Error(stderr);
    return statusSchema.parse(JSON.parse(stdout));
  }, 20_000);
}

/** Asked of the process that really runs, never inferred from a path. */
async function nameOfRuntime(app: ElectronApplication): Promise<string> {
  const versions = await app.evaluate(() => ({ ...process.versions }) as Record<string, string>);
  const kind = versions["electronStandIn"] === undefined ? "electron" : "stand-in";
  return `${kind} ${versions["electron"]} (chrome ${versions["chrome"]}, node ${versions["node"]})`;
}

/** A test may have quit it already. */
function ignoreGoneApplication(): void {}
