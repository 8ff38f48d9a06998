import { expect, test } from "./screens.ts";

test("a crash loop shows the last log lines and starts the agent again on demand", async ({ page, screens }) => {
  await screens.open("status", { scenario: "crashed" });
  await expect(page.getByRole("heading", { name: "The agent does not stay up" })).toBeVisible();
  await expect(page.getByText("port 1080 is taken by another process")).toBeVisible();
  await page.getByRole("button", { name: "Start the agent" }).click();
  await expect(page.getByText("Everything works.")).toBeVisible();
});

test("when the agent stops answering, what is shown says how old it is, and comes back by itself", async ({ page, screens }) => {
  await screens.open("connections");
  await page.evaluate(() => {
    const now = window.fake?.clock.now() ?? 0;
    window.fake?.setAgent({ state: "unreachable", since: now, detail: "no answer", retryAt: now + 4_000 });
  });
  await expect(page.getByText(/What you see is from 09:42:07/)).toBeVisible();
  await expect(page.getByRole("grid")).toBeVisible();
  await page.evaluate(() => window.fake?.setAgent({ state: "running", since: 0, restarts: 0 }));
  await expect(page.getByText(/What you see is from/)).toBeHidden();
});

for (const [scenario, heading] of [
  ["starting", "Starting the agent"],
  ["restarting", "The agent ended and is being started again"],
  ["unreachable", "The agent does not answer"],
] as const) {
  test(`${scenario}: said in words`, async ({ page, screens }) => {
    await screens.open("status", { scenario });
    await expect(page.getByRole("heading", { name: heading })).toBeVisible();
  });
}

test("in the console, an ended session names the command for a new link", async ({ page, screens }) => {
  await screens.open("status", { scenario: "signed-out", runtime: "console" });
  await expect(page.getByText("portail console")).toBeVisible();
});

test("a call that fails says what, why and the incident, and can be tried again", async ({ page, screens }) => {
  await screens.open("policy", { scenario: "failing" });
  const alert = page.getByRole("alert").filter({ hasText: "INTERNAL" });
  await expect(alert).toContainText("Something went wrong inside the agent.");
  await expect(alert).toContainText("7F3K");
  await expect(alert.getByRole("button", { name: "Try again" })).toBeVisible();
});
