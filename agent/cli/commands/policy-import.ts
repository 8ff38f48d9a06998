import { basename, resolve } from "node:path";
import type { Imported } from "../../policy-tools/index.ts";
import type { Action } from "../command.ts";
import { loadPolicyFile } from "../load-policy-file.ts";
import { readNamedFile } from "../policy-files.ts";
import { hasErrors, printProblems } from "../print-problems.ts";
import { printable, printableLines } from "../printable.ts";
import type { World } from "../world.ts";

/** The policy goes to stdout or to `--output`, what was changed to stderr. Ends with 2 when the file cannot be read or imported. */
export const importPolicy: Action = async (words, world) => {
  const [file = ""] = words.operands;
  const { importOriginal } = await import("../../policy-tools/index.ts");
  const result = importOriginal(new TextDecoder().decode(await readNamedFile(file, world)), basename(file));
  if (result.kind === "refused") {
    if (words.has("json")) world.printJson(result);
    else world.print(printable(`${file}:${result.line}:${result.column}: ${result.message}`));
    return 2;
  }
  const output = words.value("output");
  if (output !== undefined) await write(resolve(world.cwd, output), result);
  if (words.has("json")) world.printJson(result);
  else tell(file, result, output, world);
  return output === undefined ? 0 : checkWritten(output, words.has("json"), world);
};

/** SECURITY: never over a file that is there, because that might be the policy in force. */
async function write(path: string, { text }: Extract<Imported, { readonly kind: "imported" }>): Promise<void> {
  const { AgentError, formatCause } = await import("../../base/index.ts");
  const { writeFile } = await import("node:fs/promises");
  await writeFile(path, text, { flag: "wx", mode: 0o600 }).catch((cause: unknown) => {
    throw new AgentError("POLICY_UNREADABLE", formatCause(cause), { cause });
  });
}

function tell(file: string, result: Extract<Imported, { readonly kind: "imported" }>, output: string | undefined, world: World): void {
  if (output === undefined) world.print(printableLines(result.text.trimEnd()));
  for (const { line, message } of result.notes) world.remark(printable(`${file}:${line}: ${message}`));
  world.remark(`${result.policies} policies and ${result.routes} routes were imported${output === undefined ? "" : ` into ${output}`}.`);
}

/** What was written must load: a regular expression, for example, may be one that the engine refuses. */
async function checkWritten(output: string, isJson: boolean, world: World): Promise<0 | 2> {
  const { problems } = await loadPolicyFile(output, world);
  if (!isJson) await printProblems(problems, world);
  return hasErrors(problems) ? 2 : 0;
}
