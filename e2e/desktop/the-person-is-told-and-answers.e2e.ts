import type { Page } from "@playwright/test";
import { type Ran, run } from "../rig/index.ts";
import { type Origin, startHttpOrigin } from "../rig/origins.ts";
import { type Desktop, test as base, expect } from "./fixtures.ts";

const test = base.extend<{ origin: Origin }>({
  origin: async ({}, use) => {
    const origin = await startHttpOrigin();
    await use(origin);
    await origin.close();
  },
});

async function curl(desktop: Desktop, url: string): Promise<Ran> {
  const { listeners } = await desktop.status();
  return run("curl", ["-sS", "--max-time", "30", "-x", `socks5h://${listeners[0]?.addresses[0]}`, url]);
}

/** The destination ports of connections whose end has reached the page. */
async function watchEnds(window: Page): Promise<() => Promise<number[]>> {
  await window.evaluate(() => {
    const ended: number[] = [];
    const own = globalThis as unknown as { portail: { watch(hear: (message: unknown) => void): void } };
    own.portail.watch((message) => {
      const { event } = message as { event?: { changes: { connection?: { port: number; end?: string } }[] } };
      for (const { connection } of event?.changes ?? []) if (connection?.end !== undefined) ended.push(connection.port);
    });
    Object.assign(globalThis, { ended });
  });
  return () => window.evaluate(() => (globalThis as unknown as { ended: number[] }).ended);
}

test.describe("refusals", () => {
  test.use({ policy: "portail policy 1\npolicy nobody { deny }\n" });

  test("are told by a notification while the window is hidden, not while it is visible; a click leads to the connection", async ({
    desktop,
    window,
    origin,
  }) => {
    const other = await startHttpOrigin();
    try {
      const handle = await desktop.windowOf(window);
      await expect.poll(() => handle.evaluate((own) => own.isVisible())).toBe(true);
      const endedPorts = await watchEnds(window);
      expect((await curl(desktop, origin.url)).code).not.toBe(0);
      // The page hears of it right after the application did.
      await expect.poll(endedPorts).toContain(origin.port);

      await handle.evaluate((own) => own.close());
      expect((await curl(desktop, other.url)).code).not.toBe(0);
      await expect.poll(() => desktop.notifications()).toHaveLength(1);
      const [told] = await desktop.notifications();
      expect(told?.title).toBe("Connection refused");
      expect(told?.body).toContain(`curl may not reach 127.0.0.1:${other.port}`);

      await desktop.clickNotification(0);
      expect(await handle.evaluate((own) => own.isVisible())).toBe(true);
      await expect(window.getByText(String(other.port)).first()).toBeVisible();
    } finally {
      await other.close();
    }
  });
});

test.describe("a connection that waits", () => {
  test.use({ policy: 'portail policy 1\npolicy asked { challenge confirm hold 60s say "Did you start this?" }\n', words: ["--hidden"] });

  test("is told by notification and tray, and the answer on the screen lets the program go on", async ({ desktop, origin }) => {
    const waiting = curl(desktop, origin.url);
    await expect.poll(() => desktop.notifications()).toHaveLength(1);
    expect((await desktop.notifications())[0]).toMatchObject({ title: "A connection waits for you" });
    await expect.poll(async () => (await desktop.tray()).labels).toContain(`127.0.0.1:${origin.port} waits for you`);
    expect((await desktop.tray()).tooltip).toBe("Portail: 1 connection waits for you");
    expect(origin.seen).toBe(0);

    const opened = desktop.app.waitForEvent("window");
    await desktop.clickNotification(0);
    const window = await opened;
    await expect(window.getByText("Did you start this?")).toBeVisible();
    await window.getByRole("button", { name: "Continue" }).click();
    expect(await waiting).toMatchObject({ code: 0, stdout: "hello from the origin\n" });
    await expect.poll(() => desktop.tray()).toMatchObject({ tooltip: "Portail: working" });
  });
});
