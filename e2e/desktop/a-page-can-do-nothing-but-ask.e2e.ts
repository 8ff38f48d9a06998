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
  await window.evaluate(() => {
    const link = document.createElement("a");
    link.href = "https://elsewhere.example/";
    document.body.append(link);
    link.click();
    const help = document.createElement("a");
    help.href = "https://help.portail.example/why";
    help.target = "_blank";
    document.body.append(help);
    help.click();
  });
  await expect.poll(() => desktop.opened()).toEqual(["https://help.portail.example/why"]);
  expect(window.url()).toBe(before);
  expect(desktop.app.windows()).toHaveLength(1);
});
