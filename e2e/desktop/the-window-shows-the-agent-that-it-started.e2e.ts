import { root } from "../rig/agent.ts";
import { run } from "../rig/index.ts";
import { startHttpOrigin } from "../rig/origins.ts";
import { expect, test } from "./fixtures.ts";

test("the window shows the agent that the application started, and a connection appears in it live", async ({ desktop, window }) => {
  const status = await desktop.status();
  const address = status.listeners[0]?.addresses[0] ?? "";
  await expect(window.getByText(address).first()).toBeVisible();
  const origin = await startHttpOrigin();
  try {
    await desktop.press("connections");
    const curl = await run("curl", ["-sS", "-x", `socks5h://${address}`, origin.url]);
    expect(curl.stdout).toBe("hello from the origin\n");
    await expect(window.getByText(`127.0.0.1`).first()).toBeVisible();
    await expect(window.getByText(/curl/).first()).toBeVisible();
  } finally {
    await origin.close();
  }
});

test("the tray tells that it works and where it listens", async ({ desktop }) => {
  const status = await desktop.status();
  await expect.poll(() => desktop.tray()).toMatchObject({ tooltip: "Portail: working" });
  expect((await desktop.tray()).labels).toContain(`local: ${status.listeners[0]?.addresses[0]}`);
});

test("closing the window hides it and the agent goes on; the tray opens it again", async ({ desktop, window }) => {
  const { pid } = await desktop.status();
  const handle = await desktop.windowOf(window);
  await expect.poll(() => handle.evaluate((own) => own.isVisible())).toBe(true);
  await handle.evaluate((own) => own.close());
  expect(await handle.evaluate((own) => own.isVisible())).toBe(false);
  expect((await desktop.status()).pid).toBe(pid);
  await desktop.press("open");
  expect(await handle.evaluate((own) => own.isVisible())).toBe(true);
});

test("a second start brings the first to the front, follows its link and ends", async ({ desktop, window }) => {
  await desktop.status();
  await expect(window.getByRole("navigation").first()).toBeVisible();
  expect(await desktop.startAgain(["portail://open/audit"])).toBe(0);
  await expect(window.getByRole("heading", { name: /audit|record/i }).first()).toBeVisible();
});

test("an agent that was stopped by command stays stopped until somebody starts it again", async ({ desktop, window }) => {
  await desktop.status();
  const stopped = await run(`${root}/out/portail`, ["stop", "--state-dir", desktop.stateDir], { env: { XDG_RUNTIME_DIR: "" } });
  expect(stopped).toMatchObject({ code: 0 });
  await expect(window.getByRole("heading", { name: "The agent is stopped" })).toBeVisible();
  expect(await desktop.tray()).toMatchObject({ tooltip: "Portail: stopped" });
  await window.getByRole("button", { name: "Start the agent" }).click();
  await expect.poll(() => desktop.tray()).toMatchObject({ tooltip: "Portail: working" });
});

test("quitting leaves no agent behind", async ({ desktop, window }) => {
  await expect(window.getByRole("navigation").first()).toBeVisible();
  const { pid } = await desktop.status();
  const closed = desktop.app.waitForEvent("close");
  await desktop.press("quit").catch(() => undefined);
  await closed;
  await expect.poll(() => isAlive(pid)).toBe(false);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
