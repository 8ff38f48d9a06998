import { defineConfig } from "@playwright/test";

/** Debian's own Chromium unless told otherwise; nothing is downloaded. */
const executablePath = process.env["PORTAIL_CHROMIUM"] ?? "/usr/bin/chromium";
const launchOptions = { executablePath, args: ["--no-sandbox"] };

export default defineConfig({
  testDir: "e2e",
  testMatch: "**/*.e2e.ts",
  fullyParallel: true,
  workers: 2,
  timeout: 30_000,
  expect: { timeout: 10_000 },
  // A busy gate gets a second look; what needed it is listed as flaky at the end.
  retries: process.env["CI"] === undefined ? 0 : 1,
  forbidOnly: process.env["CI"] !== undefined,
  outputDir: "test-results",
  reporter: [["list"], ["./e2e/desktop/reporter.ts"]],
  use: { trace: "retain-on-failure" },
  projects: [
    { name: "screens-build", testDir: "e2e/screens", testMatch: "build-screens.setup.ts" },
    {
      name: "screens",
      testDir: "e2e/screens",
      dependencies: ["screens-build"],
      use: { browserName: "chromium", launchOptions, viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" },
    },
    /** The built agent as a child process, with real sockets and real programs. */
    { name: "agent", testDir: "e2e/agent", timeout: 60_000 },
    /** The whole application: the stand-in for Electron, or the real one where it is installed. It starts its own browser. */
    { name: "desktop", testDir: "e2e/desktop", timeout: 60_000 },
  ],
});
