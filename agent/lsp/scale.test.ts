import { expect, it } from "vitest";
import { Editor } from "./editor.suite.ts";

/** A policy of about so many lines, as people write them. */
function policyOf(lines: number): string {
  const blocks = Array.from({ length: Math.floor(lines / 8) }, (_, index) =>
    [
      `# what team ${index} may do`,
      `policy team-${index} {`,
      `  when request.host in ["app${index}.corp.example", "*.app${index}.corp.example"] and request.port == 443`,
      `  require member:  "team-${index}" in user.groups  else deny say "Ask for the group."`,
      `  require managed: device.managed and device.patch_age <= 14d`,
      `  allow log full`,
      `}`,
      `test "team ${index}" { given { request.host: "app${index}.corp.example", request.port: 443 } expect deny needs member }`,
    ].join("\n"),
  );
  return `portail policy 1\n${blocks.join("\n")}\n`;
}

/** The quickest of a few: other programs on the machine only add. */
function quickest(run: () => void): number {
  const times = Array.from({ length: 6 }, () => {
    const began = performance.now();
    run();
    return performance.now() - began;
  });
  return Math.min(...times);
}

it("a policy of 2,000 lines is checked, and completed, without a wait that a person feels", () => {
  const text = policyOf(2000);
  const editor = Editor.on(text);
  const line = text.split("\n").findIndex((one) => one === "policy team-120 {") + 1;
  const type = (): void => editor.change(" ", { line: 1, character: 1 });
  const check = quickest(() => {
    type();
    editor.clock.pass(1000);
  });
  const completion = quickest(() => {
    type();
    expect(editor.completions({ line, character: "  when ".length }).length).toBeGreaterThan(0);
  });
  // What is measured on a quiet machine stands in docs/decisions/language-server.md; here others may run beside.
  expect(check).toBeLessThan(300);
  expect(completion).toBeLessThan(150);
});
