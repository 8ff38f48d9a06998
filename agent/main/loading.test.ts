import { execFileSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import path from "node:path";
import { expect, test } from "vitest";

/** What only some configurations or calls need; each brings megabytes. `undici` comes with an import of `node:http` or `node:https`. */
const late =
  /\bhttp2?$|\bhttps$|undici|\bzlib$|node_modules\/(?:ssh2|pkcs11js)\/|\/(?:enrolment\/acme|attestation|policy-tools|lsp|sandbox\/guest)/;

test("starting the agent loads nothing that only some need", () => {
  const entry = pathToFileURL(path.join(import.meta.dirname, "run-agent.ts")).href;
  const script = `
    import { registerHooks } from "node:module";
    const files = [];
    registerHooks({ load: (url, context, next) => (files.push(url), next(url, context)) });
    await import(${JSON.stringify(entry)});
    console.log(JSON.stringify([...files, ...process.moduleLoadList]));
  `;
  const args = ["--input-type=module", "--disable-warning=ExperimentalWarning", "--eval", script];
  const loaded = JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })) as string[];
  expect(loaded).toContain(entry);
  expect(loaded.filter((one) => late.test(one))).toEqual([]);
});
