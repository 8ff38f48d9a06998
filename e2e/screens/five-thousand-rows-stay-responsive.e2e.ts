import { expect, test } from "./screens.ts";

/** For one step: a second of traffic shown, a long scroll, two frames. Far above what an idle machine needs (about 40 ms), below what feels slow. */
const slowMs = 250;

test("five thousand connections scroll, filter and update without long stalls", async ({ page, screens }) => {
  await screens.open("connections", { scenario: "many" });
  await expect(page.getByRole("grid")).toHaveAttribute("aria-rowcount", "5001");
  expect(await page.getByRole("row").count()).toBeLessThan(80);
  const steps = await page.evaluate(async () => {
    const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
    const viewport = document.querySelector(".rows-viewport");
    const took: number[] = [];
    for (let step = 0; step < 60; step += 1) {
      const start = performance.now();
      window.fake?.clock.advance(250);
      if (viewport !== null) viewport.scrollTop = step * 3000;
      await frame();
      await frame();
      took.push(performance.now() - start);
    }
    return took.sort((a, b) => a - b);
  });
  const typical = steps[Math.floor(steps.length / 2)] ?? Number.POSITIVE_INFINITY;
  test
    .info()
    .annotations.push({ type: "median and slowest step", description: `${Math.round(typical)} ms, ${Math.round(steps.at(-1) ?? 0)} ms` });
  expect(typical).toBeLessThan(slowMs);
});

test("the last of five thousand rows can be reached by keyboard", async ({ page, screens }) => {
  await screens.open("connections", { scenario: "many" });
  await page.getByRole("grid").getByRole("row").nth(1).focus();
  await page.keyboard.press("End");
  await expect(page.locator(":focus")).toHaveAttribute("aria-rowindex", "5001");
  await expect(page.locator(":focus")).toBeInViewport();
});

test("typing into the filter over five thousand rows keeps up", async ({ page, screens }) => {
  await screens.open("connections", { scenario: "many" });
  const search = page.getByRole("searchbox");
  await search.pressSequentially("n4998");
  await expect(page.getByRole("grid")).toHaveAttribute("aria-rowcount", "2");
});
