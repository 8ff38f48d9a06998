import type { Reporter, TestCase } from "@playwright/test/reporter";

/** Says at the end on which runtime the desktop tests ran. */
export default class RuntimeReporter implements Reporter {
  private readonly seen = new Map<string, number>();

  onTestEnd(test: TestCase): void {
    for (const { type, description } of test.annotations) {
      if (type === "runtime" && description !== undefined) this.seen.set(description, (this.seen.get(description) ?? 0) + 1);
    }
  }

  onEnd(): void {
    for (const [runtime, tests] of this.seen) process.stdout.write(`desktop runtime: ${runtime}: ${tests} tests\n`);
    if ([...this.seen.keys()].some((runtime) => runtime.startsWith("stand-in"))) {
      process.stdout.write("desktop runtime: THE STAND-IN, not Electron (no Electron binary on this machine)\n");
    }
  }

  printsToStdio(): boolean {
    return false;
  }
}
