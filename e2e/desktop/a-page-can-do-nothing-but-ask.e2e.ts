import { expect, test } from "./fixtures.ts";

test("the page has neither Node nor Electron, only the bridge, and the bridge is frozen", async ({ window }) => {
  await expect(window.getByRole("navigation").first()).toBeVisible();
  const seen = await window.evaluate(() => {
    const own = globalThis as unknown as Record<string, object | undefined>;
    return {
      require: typeof own["require"],
      process: typeof own["process"],
      keys: Object.keys(own["portail"] ?? {}).sort(),
      frozen: Object.isFrozen(own["portail"]),
    };
  });
  expect(seen).toEqual({ require: "undefined", process: "undefined", keys: ["ask", "runtime", "watch"], frozen: true });
});

test("a script that was slipped into the page does not run, and the page reaches no server", async ({ window }) => {
  await expect(window.getByRole("navigation").first()).toBeVisible();
  const violated = await window.evaluate(
    () =>
      new Promise<string[]>((resolve) => {
        const found: string[] = [];
        document.addEventListener("securitypolicyviolation", (event) => {
          found.push(event.effectiveDirective);
          if (found.length === 2) resolve(found.sort());
        });
        const script = document.createElement("script");
        script.textContent = "window.slipped = true";
        document.body.append(script);
        fetch("http://127.0.0.1:9/").catch(() => undefined);
      }),
  );
  expect(violated).toEqual(["connect-src", "script-src-elem"]);
});

test("a call that the table does not know, or input that does not fit, is refused by name", async ({ window }) => {
  await expect(window.getByRole("navigation").first()).toBeVisible();
  const answers = await window.evaluate(async () => {
    const { ask } = (globalThis as unknown as { portail: { ask(call: string, input: unknown): Promise<unknown> } }).portail;
    return [await ask("agent.stop", {}), await ask("connections.list", { limit: -1 }), await ask("__proto__", {})];
  });
  for (const answer of answers) expect(answer).toMatchObject({ error: { code: "CONTROL_BAD_CALL" } });
});

test("a foreign page in our window gets nothing from the application", async ({ desktop, window }) => {
  await expect(window.getByRole("navigation").first()).toBeVisible();
  const handle = await desktop.windowOf(window);
  await handle.evaluate((own) => own.loadURL("data:text/html,foreign"));
  await expect(window.locator("body")).toHaveText("foreign");
  const answer = await window.evaluate(async () =>
    (globalThis as unknown as { portail: { ask(call: string, input: unknown): Promise<unknown> } }).portail.ask("status.get", {}),
  );
  expect(answer).toMatchObject({ error: { code: "CONTROL_DENIED" } });
});

test("no link leads the window away", async ({ desktop, window }) => {
  await expect(window.getByRole("navigation").first()).toBeVisible();
  const before = window.url();
  const handle = await desktop.windowOf(window);
  // Heard after the application's own listener; what it left of the event is what Electron acts upon.
  await handle.evaluate((own) => {
    own.webContents.on("will-navigate", ({ url, defaultPrevented }) =>
      Object.assign(globalThis, { navigation: { url, defaultPrevented } }),
    );
  });
  await window.evaluate(() => {
    const link = Object.assign(document.createElement("a"), { href: "https://elsewhere.example/" });
    document.body.append(link);
    link.click();
  });
  const navigation = () => desktop.app.evaluate(() => (globalThis as { navigation?: unknown }).navigation);
  await expect.poll(navigation).toEqual({ url: "https://elsewhere.example/", defaultPrevented: true });
  expect(window.url()).toBe(before);
});

test("no link opens a window, and only our own help opens in the person's browser", async ({ desktop, window }) => {
  await expect(window.getByRole("navigation").first()).toBeVisible();
  await window.evaluate(() => {
    const addresses = [
      "https://elsewhere.example/",
      "http://help.portail.example/",
      "https://help.portail.example.elsewhere.example/",
      "https://help.portail.example/why",
    ];
    for (const href of addresses) {
      const link = Object.assign(document.createElement("a"), { href, target: "_blank" });
      document.body.append(link);
      link.click();
    }
  });
  await expect.poll(() => desktop.opened()).toContain("https://help.portail.example/why");
  expect(await desktop.opened()).toEqual(["https://help.portail.example/why"]);
});

test("no script opens a window either", async ({ desktop, window }) => {
  await expect(window.getByRole("navigation").first()).toBeVisible();
  await window.evaluate(() => Object.assign(globalThis, { popup: globalThis.open("about:blank") }));
  // Electron answers with nothing; under the stand-in there is a window for a moment.
  const isGone = () =>
    window.evaluate(() => {
      const { popup } = globalThis as unknown as { popup: Window | null };
      return popup === null || popup.closed;
    });
  await expect.poll(isGone).toBe(true);
  expect(desktop.app.windows()).toHaveLength(1);
});
