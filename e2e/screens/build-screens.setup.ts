import { fileURLToPath } from "node:url";
import { test } from "@playwright/test";
import { build } from "vite";

test("the screens build on the fake bridge", async () => {
  const root = fileURLToPath(new URL("../../renderer", import.meta.url));
  await build({ root, configFile: `${root}/vite.config.ts`, mode: "fake", logLevel: "warn" });
});
