import { createHash } from "node:crypto";
import { type Clock, formatCause } from "../base/index.ts";
import type { ConfigFile, FailureCode, PolicyReport, Problem, TestResult } from "../contract/index.ts";
import { defaultPolicyText, loadPolicy, type Policy, runTests } from "../policy/index.ts";
import type { Config } from "./config.ts";
import { type PemTexts, readPemFiles } from "./certificate-files.ts";
import type { ConfigFiles } from "./config-files.ts";
import { builtInConfig, finishConfig, type ParsedConfig, readConfigFile } from "./parse-config.ts";
import { problemAt, type Source } from "./problem-at.ts";
import type { PlacedMistake } from "./schema-mistakes.ts";
import { describeAccess, secretReferencesIn } from "./secret-references.ts";
import { maxConfigBytes } from "./yaml-tree.ts";

/** All that judges and carries a connection, loaded together and never changed. A connection keeps the one it was accepted with. */
export interface Snapshot {
  readonly config: Config;
  readonly policy: Policy;
  /** Certificates, revocation lists and keys that the configuration names, by absolute path or word, as they were when it was loaded. */
  readonly pem: PemTexts;
  /** `built-in` or the path of the policy file. */
  readonly policySource: string;
  readonly report: PolicyReport;
  /** SHA-256 over configuration and policy, hex: two snapshots with one digest are the same. */
  readonly digest: string;
  readonly loadedAt: number;
  /** Warnings; a snapshot has no errors. */
  readonly problems: readonly Problem[];
}

/** Why there is no new snapshot. `report` is there when it is the policy that was refused. */
export interface Refusal {
  readonly kind: "refused";
  readonly code: FailureCode;
  readonly detail: string;
  readonly problems: readonly Problem[];
  readonly report?: PolicyReport;
}

export type Loaded = { readonly kind: "loaded"; readonly snapshot: Snapshot } | Refusal;

export interface LoadOptions {
  /** Absent: the built-in default. */
  readonly configPath?: string | undefined;
  readonly files: ConfigFiles;
  readonly clock: Clock;
}

const MAX_POLICY_BYTES = 64 * 1024 * 1024;
const BUILT_IN = "built-in";

/** Read and check everything; nothing is applied. All or nothing: any error in any file is a refusal. */
export async function loadSnapshot(options: LoadOptions): Promise<Loaded> {
  const read = await readConfig(options);
  if ("kind" in read) return read;
  if (read.config === undefined) return invalid("CONFIG_INVALID", read.problems);
  const source = read.config.policyPath ?? BUILT_IN;
  const text = await readPolicy(read.config, options.files);
  if (typeof text !== "string" && "kind" in text) return text;
  const loaded = checkPolicy(text, { source, files: options.files });
  if ("kind" in loaded) return { ...loaded, problems: [...read.problems, ...loaded.problems] };
  const pem = read.pem ?? new Map<string, string>();
  return whole(
    { config: read.config, ...loaded, pem, policySource: source, problems: [...read.problems, ...loaded.report.problems] },
    options,
  );
}

/**
 * Read again only the certificates, keys and lists that a snapshot names: its configuration and policy stay, whatever their files hold
 * by now. What somebody is in the middle of writing must not hold up the renewal of a certificate, and must not come into force with it.
 */
export async function renewSnapshot(current: Snapshot, options: LoadOptions): Promise<Loaded> {
  const { path, text } = current.config;
  if (path === undefined) return { kind: "loaded", snapshot: current };
  const read = await readNamedFiles({ text, file: path }, options);
  if (read.config === undefined || read.pem === undefined) return invalid("CONFIG_INVALID", read.problems);
  return whole({ ...current, pem: read.pem, problems: [...read.problems, ...current.report.problems] }, options);
}

function whole(parts: Omit<Snapshot, "digest" | "loadedAt">, { clock }: Pick<LoadOptions, "clock">): Loaded {
  const { config, pem, policy } = parts;
  const digest = sha256(`${sha256(JSON.stringify(config))} ${sha256(JSON.stringify([...pem]))} ${policy.digest}`);
  return { kind: "loaded", snapshot: { ...parts, digest, loadedAt: clock.now() } };
}

type ConfigAndFiles = ParsedConfig & { readonly pem?: PemTexts };

async function readConfig({ configPath, files, clock }: LoadOptions): Promise<ConfigAndFiles | Refusal> {
  if (configPath === undefined) return { config: builtInConfig(), problems: [] };
  let bytes: Uint8Array;
  try {
    bytes = await files.read(configPath, maxConfigBytes);
  } catch (cause) {
    return unreadable("CONFIG_UNREADABLE", configPath, cause);
  }
  const text = decodeUtf8(bytes);
  if (text === undefined) return invalid("CONFIG_INVALID", [notText(configPath, bytes)]);
  return readNamedFiles({ text, file: configPath }, { files, clock });
}

/** The files that a configuration names, and what is wrong with any of it. */
async function readNamedFiles(source: Source, { files, clock }: Pick<LoadOptions, "files" | "clock">): Promise<ConfigAndFiles> {
  const read = readConfigFile(source);
  if ("problems" in read) return read;
  const { texts: pem, mistakes } = await readPemFiles(read.file, source.file, { files, clock });
  return { ...finishConfig(read, [...mistakes, ...(await secretMistakes(read.file, source.file, files))]), pem };
}

/** SECURITY: looks at every file with a secret that the configuration names, before anything uses it. */
async function secretMistakes(file: ConfigFile, configPath: string, files: ConfigFiles): Promise<readonly PlacedMistake[]> {
  const looks = secretReferencesIn(file, configPath).map(async (reference) =>
    describeAccess(reference, await files.accessOf(reference.file)),
  );
  return (await Promise.all(looks)).filter((mistake) => mistake !== undefined);
}

async function readPolicy(config: Config, files: ConfigFiles): Promise<Uint8Array | string | Refusal> {
  if (config.policyPath === undefined) return defaultPolicyText;
  try {
    return await files.read(config.policyPath, MAX_POLICY_BYTES);
  } catch (cause) {
    return unreadable("POLICY_UNREADABLE", config.policyPath, cause);
  }
}

interface CheckedPolicy {
  readonly policy: Policy;
  readonly report: PolicyReport;
}

/** Load a policy text and run the tests that it carries; a policy that fails its own tests is not what its author meant. */
export function checkPolicy(
  text: string | Uint8Array,
  { source, files }: { readonly source: string; readonly files?: ConfigFiles | undefined },
): CheckedPolicy | (Refusal & { readonly report: PolicyReport }) {
  const readSet = files === undefined ? {} : { readSet: (reference: string) => files.readSet(source, reference) };
  const { policy, problems } = loadPolicy(text, { file: source, hash: sha256, ...readSet });
  if (policy === undefined) {
    return {
      ...invalid("POLICY_INVALID", problems),
      report: { ok: false, digest: sha256(text), rules: 0, problems: [...problems], tests: [] },
    };
  }
  const tests = runTests(policy);
  const failed = tests.filter(({ passed }) => !passed);
  const report = { ok: failed.length === 0, digest: policy.digest, rules: policy.rules.length, problems: [...problems], tests };
  if (failed.length === 0) return { policy, report };
  return { ...invalid("POLICY_TESTS_FAILED", [...problems, ...failed.map((test) => failedTest(test, policy))]), report };
}

function failedTest(test: TestResult, policy: Policy): Problem {
  const at = lineOffset(policy.text, test.line);
  const message = `the test "${test.name}" does not pass: ${test.failures.join("; ")}`;
  return problemAt({ file: policy.file, text: policy.text }, at, { code: "E_TEST", message });
}

/** The first word of a line and all that follows on it. */
function lineOffset(text: string, line: number): readonly [number, number] {
  let start = 0;
  for (let current = 1; current < line; current++) start = text.indexOf("\n", start) + 1;
  const end = text.indexOf("\n", start);
  const indent = /^[ \t]*/.exec(text.slice(start, start + 200))?.[0].length ?? 0;
  return [start + indent, end < 0 ? text.length : end];
}

function invalid(code: FailureCode, problems: readonly Problem[]): Refusal {
  const errors = problems.filter(({ severity }) => severity === "error");
  const [first] = errors;
  const detail = first === undefined ? "" : `${first.file}:${first.line}:${first.column}: ${first.message}`;
  return { kind: "refused", code, detail: errors.length > 1 ? `${detail} (and ${errors.length - 1} more)` : detail, problems };
}

function unreadable(code: FailureCode, path: string, cause: unknown): Refusal {
  const message = `it cannot be read: ${formatCause(cause)}`;
  const problem: Problem = { file: path, line: 1, column: 1, severity: "error", code: "E_UNREADABLE", message };
  return { kind: "refused", code, detail: `${path}: ${message}`, problems: [problem] };
}

/** `undefined` when the bytes are not UTF-8. A byte order mark is taken off. */
function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function notText(file: string, bytes: Uint8Array): Problem {
  const readable = new TextDecoder("utf-8").decode(bytes);
  const at = Math.max(0, readable.indexOf("\ufffd"));
  return problemAt({ file, text: readable }, [at, at + 1], {
    code: "E_ENCODING",
    message: "this is not UTF-8",
    hint: "save the file as UTF-8",
  });
}

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
