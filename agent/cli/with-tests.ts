import { AgentError } from "../base/index.ts";
import { readPolicyFile } from "./policy-files.ts";
import { UsageMistake } from "./usage-mistake.ts";
import type { World } from "./world.ts";

/** A policy's text, perhaps with tests from a second file behind it. */
export interface SourceFile {
  readonly text: string | Uint8Array;
  /** Which file a line of the text comes from, and which line it is there. */
  readonly placeOf: (line: number) => { readonly file: string; readonly line: number };
}

/** Read a policy, and the tests that `--tests` names. */
export async function withTests(file: string, testsFile: string | undefined, world: World): Promise<SourceFile> {
  const content = await readPolicyFile(file, world);
  if (testsFile === undefined) return { text: content, placeOf: (line) => ({ file, line }) };
  const { joinTests } = await import("../policy-tools/index.ts");
  const joined = joinTests(decode(content, file), decode(await readPolicyFile(testsFile, world), testsFile));
  if (joined.kind === "refused")
    throw new UsageMistake(`${testsFile} is no file of tests: ${joined.why}`, "it is a policy that holds only fixtures and tests");
  return {
    text: joined.text,
    placeOf: (line) => (line <= joined.lines ? { file, line } : { file: testsFile, line: line - joined.lines }),
  };
}

function decode(content: Uint8Array, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch (cause) {
    throw new AgentError("POLICY_UNREADABLE", `${file} is not UTF-8 text`, { cause });
  }
}
