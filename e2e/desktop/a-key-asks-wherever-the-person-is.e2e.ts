import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { portailPath } from "../rig/agent.ts";
import { makeToken, type Ran, run, type Token } from "../rig/index.ts";
import { type Origin, startHttpOrigin } from "../rig/origins.ts";
import { type Desktop, test as base, expect } from "./fixtures.ts";

const pin = "161803-golden";

interface Keys {
  readonly token: Token;
  readonly origin: Origin;
}

const test = base.extend<Keys>({
  token: async ({}, use) => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), "portail-token-"));
    await use(makeToken(dir, pin));
    fs.rmSync(dir, { recursive: true, force: true });
  },
  origin: async ({}, use) => {
    const origin = await startHttpOrigin();
    await use(origin);
    await origin.close();
  },
  /** The key is needed for the way out `far`, which is tried first. */
  config: async ({ token, origin }, use) => {
    await use(
      "listeners:\n  local: { kind: proxy, listen: 127.0.0.1:0 }\n" +
        `backends:\n  far: { kind: socks5, address: "127.0.0.1:${origin.port}", tls: { server_name: gw.test, identity: laptop } }\n` +
        `identities:\n  laptop: { kind: pkcs11, module: ${token.modulePath}, uri: "pkcs11:token=${token.label}" }\n`,
    );
  },
  policy: 'portail policy 1\npolicy all { when true allow }\nroute far { use ["far"] }\n',
});

test.setTimeout(90_000);

async function curl(desktop: Desktop, url: string): Promise<Ran> {
  const { listeners } = await desktop.status();
  return run("curl", ["-sS", "--max-time", "50", "-x", `socks5h://${listeners[0]?.addresses[0]}`, url], { timeoutMs: 60_000 });
}

const portail = (desktop: Desktop, words: readonly string[]): Promise<Ran> =>
  run(portailPath, [...words, "--state-dir", desktop.stateDir], { env: { XDG_RUNTIME_DIR: "" }, input: `${pin}\n`, timeoutMs: 60_000 });

test.describe("with no window in sight", () => {
  test.use({ words: ["--hidden"] });

  test("a PIN is told by notification and tray, and the window comes up without taking the keyboard", async ({
    desktop,
    origin,
    token,
  }) => {
    await desktop.status();
    const opened = desktop.app.waitForEvent("window");
    const waiting = curl(desktop, origin.url);
    await expect.poll(() => desktop.notifications()).toHaveLength(1);
    const [told] = await desktop.notifications();
    expect(told).toMatchObject({ title: "A key needs its PIN" });
    expect(told?.body).toContain(`${token.label}, for the identity laptop.`);
    await expect.poll(async () => (await desktop.tray()).labels).toContain(`A key needs its PIN: ${token.label}`);

    const window = await opened;
    const handle = await desktop.windowOf(window);
    await expect.poll(() => handle.evaluate((own) => own.isVisible())).toBe(true);
    expect(await handle.evaluate((own) => own.isFocused())).toBe(false);

    const field = window.getByLabel(`PIN of ${token.label}`);
    await expect(field).toBeEditable();
    await field.fill("not the PIN");
    await field.press("Enter");
    await expect(window.getByText("That was not right.")).toBeVisible();
    await expect.poll(async () => (await desktop.notifications()).map(({ title }) => title)).toContain("That PIN was wrong");
    await expect(field).toBeEditable();
    await field.fill(pin);
    await field.press("Enter");
    await expect(window.getByRole("dialog")).toBeHidden();
    await waiting;
    await expect.poll(async () => (await desktop.tray()).labels.join()).not.toContain("PIN");
    const { tokens } = JSON.parse((await portail(desktop, ["identity", "list", "--tokens", "--json"])).stdout) as {
      tokens: { loggedIn: boolean }[];
    };
    expect(tokens).toMatchObject([{ loggedIn: true }]);
  });

  test("a click on the tray's question opens the window with the prompt", async ({ desktop, origin, token }) => {
    await desktop.status();
    const waiting = curl(desktop, origin.url);
    await expect.poll(async () => (await desktop.tray()).labels).toContain(`A key needs its PIN: ${token.label}`);
    await desktop.press("question-pin-1");
    const window = await desktop.app.firstWindow();
    const handle = await desktop.windowOf(window);
    await expect.poll(() => handle.evaluate((own) => own.isFocused())).toBe(true);
    await window.getByRole("button", { name: "Not now" }).last().click();
    await waiting;
    await expect.poll(async () => (await desktop.tray()).labels.join()).not.toContain("PIN");
  });
});

test("a key that waits for a finger is told by notification and tray, until it was touched", async ({ desktop, window, token }) => {
  const handle = await desktop.windowOf(window);
  await expect.poll(() => handle.evaluate((own) => own.isVisible())).toBe(true);
  await handle.evaluate((own) => own.close());
  await desktop.status();
  token.set("slow", "8000");
  const making = portail(desktop, ["identity", "enroll", "laptop", "--by-file"]);
  // The key is made first, which takes its time on a busy machine.
  await expect.poll(async () => (await desktop.tray()).labels, { timeout: 40_000 }).toContain(`Touch your key: ${token.label}`);
  expect((await desktop.notifications()).map(({ title }) => title)).toContain("Touch your key");
  expect(await making).toMatchObject({ code: 0 });
  await expect.poll(async () => (await desktop.tray()).labels.join()).not.toContain("Touch");
});
