import { createHash } from "node:crypto";
import { resolve } from "node:path";
import type { LoadOptions, LoadResult } from "../policy/index.ts";
import { readPolicyFile } from "./policy-files.ts";
import { printProblems } from "./print-problems.ts";
import type { Words } from "./words.ts";
import type { World } from "./world.ts";

/** A policy file that was read and checked, with what is needed to check variants of it. */
export interface LoadedFile extends LoadResult {
  readonly file: string;
  readonly text: string;
  readonly options: LoadOptions;
}

/** Read and check one policy file, large sets included. Rejects with POLICY_UNREADABLE. */
export async function loadPolicyFile(file: string, world: Pick<World, "cwd">): Promise<LoadedFile> {
  const { loadPolicy } = await import("../policy/index.ts");
  const { systemFiles } = await import("../config/index.ts");
  const content = await readPolicyFile(file, world);
  const options: LoadOptions = { file, hash: sha256, readSet: (reference) => systemFiles.readSet(resolve(world.cwd, file), reference) };
  return { ...loadPolicy(content, options), file, text: new TextDecoder().decode(content), options };
}

/** Say what is wrong with files that could not be loaded, as text or as JSON; the command then ends with 2. */
export async function tellProblems(files: readonly LoadedFile[], words: Words, world: World): Promise<2> {
  if (words.has("json")) world.printJson({ problems: files.flatMap(({ problems }) => problems) });
  else for (const { problems } of files) await printProblems(problems, world);
  return 2;
}

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
