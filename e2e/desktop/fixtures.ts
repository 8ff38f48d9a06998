import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { _electron, test as base, type ElectronApplication, type Page } from "@playwright/test";
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
  /** Of the agent that the application started; waits until it is ready. */
  status(): Promise<Status>;
  tray(): Promise<{ readonly tooltip: string; readonly labels: readonly string[] }>;
  press(itemId: string): Promise<void>;
  notifications(): Promise<readonly { readonly title: string; readonly body: string }[]>;
  opened(): Promise<readonly string[]>;
  /** A second start of the application with these words; its exit code. */
  startAgain(words: readonly string[]): Promise<number | null>;
}

interface Spy {
  readonly menu:
    | { readonly items: readonly { readonly id: string; readonly label: string; readonly enabled: boolean; click(): void }[] }
    | undefined;
  readonly tooltip: string;
  readonly notifications: readonly { readonly title: string; readonly body: string }[];
  readonly opened: readonly string[];
}

interface Options {
  readonly config: string;
  readonly words: readonly string[];
}

export const test = base.extend<{ config: string; words: string[]; desktop: Desktop; window: Page }>({
  config: ["listeners:\n  local: { kind: proxy, listen: 127.0.0.1:0 }\n", { option: true }],
  words: [[], { option: true }],
  desktop: async ({ config, words }, use, info) => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), "portail-desktop-"));
    const desktop = await launch(dir, { config, words });
    info.annotations.push({ type: "runtime", description: await nameOfRuntime(desktop.app) });
    const pids = new Set<number>();
    const remember = desktop.status;
    desktop.status = async () => {
      const status = await remember();
      pids.add(status.pid);
      return status;
    };
    await use(desktop);
    await desktop.app.close().catch(ignoreGoneApplication);
    await eventually(() => {
      for (const pid of pids) if (fs.existsSync(`/proc/${pid}`)) throw new Error(`the agent with pid ${pid} outlived its application`);
    });
    fs.rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  },
  window: async ({ desktop }, use) => {
    await use(await desktop.app.firstWindow());
  },
});

async function launch(dir: string, { config, words }: Options): Promise<{ -readonly [K in keyof Desktop]: Desktop[K] }> {
  const userData = path.join(dir, "user-data");
  const stateDir = path.join(dir, "state");
  const configPath = path.join(dir, "portail.yaml");
  fs.writeFileSync(configPath, config);
  process.env["ELECTRON_OVERRIDE_DIST_PATH"] = chooseRuntime();
  const own = [`--state-dir=${stateDir}`, `--config=${configPath}`, ...words];
  const env = Object.fromEntries(
    Object.entries({ ...process.env, XDG_RUNTIME_DIR: "" }).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const app = await _electron.launch({
    cwd: root,
    args: [`--user-data-dir=${userData}`, "-r", path.join(import.meta.dirname, "spy.cjs"), root, ...own],
    env,
    timeout: 30_000,
  });
  const spy = () =>
    app.evaluate(() => {
      const found = (globalThis as unknown as { portailSpy: Spy }).portailSpy;
      const items = found.menu?.items ?? [];
      return { tooltip: found.tooltip, labels: items.map(({ label }) => label), notifications: found.notifications, opened: found.opened };
    });
  return {
    app,
    userData,
    stateDir,
    status: () => readStatus(stateDir),
    tray: async () => {
      const { tooltip, labels } = await spy();
      return { tooltip, labels };
    },
    press: (itemId) =>
      app.evaluate((_electron, id) => {
        const found = (globalThis as unknown as { portailSpy: Spy }).portailSpy.menu?.items.find((item) => item.id === id);
        if (found?.enabled !== true) throw new Error(`no menu item to press: ${id}`);
        found.click();
      }, itemId),
    notifications: async () => (await spy()).notifications,
    opened: async () => (await spy()).opened,
    startAgain: async (more) => {
      const electron = path.join(chooseRuntime(), "electron");
      const started = await run(electron, ["--no-sandbox", `--user-data-dir=${userData}`, root, ...more], { cwd: root });
      return started.code;
    },
  };
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
