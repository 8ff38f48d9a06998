import { defineConfig } from "vitest/config";

/** Unit and property tests, beside the code. Promises kept by the built product live in e2e/ and run under Playwright. */
export default defineConfig({
  test: {
    include: ["{agent,app,renderer,build}/**/*.test.{ts,tsx,mjs}"],
    exclude: ["**/node_modules/**", "out/**", "build/.*/**"],
    pool: "forks",
    execArgv: ["--disable-warning=ExperimentalWarning", "--disallow-code-generation-from-strings"],
    // A busy gate gets a second look at failures of time and sockets. A property's counterexample never does.
    retry: process.env["CI"]
      ? { count: 1, condition: /^(?!Property failed)[^]*(?:to be less than|timed out|ECONN|EADDRINUSE|Premature close)/ }
      : 0,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    reporters: process.env["CI"] ? ["default"] : ["dot"],
  },
  define: { __PORTAIL_VERSION__: JSON.stringify("0.0.0-test") },
});
