import { expect, row, test } from "./screens.ts";

test("a lost event leads to a new snapshot, and nothing of what it said is missing", async ({ page, screens }) => {
  await screens.open("connections");
  const before = await page.evaluate(() => window.fake?.snapshots());
  await page.evaluate(() => {
    const lost = [...(window.fake?.world.connections.values() ?? [])][0];
    if (lost === undefined) throw new Error("the fake has no connections");
    window.fake?.world.connections.set("lost", {
      ...lost,
      id: "lost",
      host: "lost-on-the-way.example",
      startedAt: window.fake.clock.now(),
    });
    window.fake?.loseOne();
  });
  await expect(row(page, "lost-on-the-way.example")).toHaveCount(0);
  await screens.advance(2_500);
  await expect(row(page, "lost-on-the-way.example")).toHaveCount(1);
  expect(await page.evaluate(() => window.fake?.snapshots())).toBe((before ?? 0) + 1);
});

test("without a gap no second snapshot is asked for", async ({ page, screens }) => {
  await screens.open("connections");
  const before = await page.evaluate(() => window.fake?.snapshots());
  await screens.advance(30_000);
  expect(await page.evaluate(() => window.fake?.snapshots())).toBe(before);
});
