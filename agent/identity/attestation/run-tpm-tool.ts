import { execFile } from "node:child_process";
import { AgentError } from "../../base/index.ts";

/** One program of tpm2-tools, by its own name. Rejects with AgentError (IDENTITY_MODULE). */
export type RunTpmTool = (tool: string, args: readonly string[]) => Promise<void>;

const timeoutMs = 60_000;

/** Found on PATH, without a shell, in a folder that is the agent's alone. Which TPM it talks to is the business of its own environment. */
export function createRunTpmTool(cwd: string): RunTpmTool {
  return (tool, args) =>
    new Promise((resolve, reject) => {
      execFile(tool, [...args], { cwd, timeout: timeoutMs, encoding: "utf8" }, (cause, _stdout, stderr) => {
        if (cause === null) return resolve();
        const says = (cause as NodeJS.ErrnoException).code === "ENOENT" ? "is not installed (Debian: tpm2-tools)" : firstError(stderr);
        reject(new AgentError("IDENTITY_MODULE", `${tool} ${says}`, { cause }));
      });
    });
}

/** The tools say what went wrong in their first line with ERROR. */
function firstError(stderr: string): string {
  const line = stderr.split("\n").find((one) => one.startsWith("ERROR:")) ?? stderr.trim();
  return `failed: ${line.slice(0, 300)}`;
}
