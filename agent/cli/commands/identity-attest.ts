import { X509Certificate } from "node:crypto";
import {
  challengeSchema,
  type Evidence,
  evidenceSchema,
  makeChallenge,
  ProofFailed,
  type Verdict,
  verifyEvidence,
} from "../../attestation/index.ts";
import { answerQuestions } from "../answer-questions.ts";
import type { Action, ExitCode } from "../command.ts";
import { readNamedFile as readFile } from "../policy-files.ts";
import { printable } from "../printable.ts";
import { UsageMistake } from "../usage-mistake.ts";
import type { Words } from "../words.ts";
import type { World } from "../world.ts";

export const attestIdentity: Action = async (words, world) => {
  const file = words.value("verify");
  if (file !== undefined) return judge(file, words, world);
  const challenge = words.value("challenge");
  if (challenge !== undefined) return answer(challenge, words, world);
  const [name] = words.operands;
  if (name === undefined) throw new UsageMistake("NAME is missing", "or judge evidence with --verify FILE");
  const nonce = words.value("nonce");
  const [context, auth] = [words.value("certify"), words.value("auth")];
  const certify =
    context === undefined ? {} : { certify: { context: at(context, world), ...(auth === undefined ? {} : { auth: at(auth, world) }) } };
  const agent = await world.connect();
  const { evidence } = await answerQuestions(
    world,
    agent,
    agent.call("identity.attest", { name, ...(nonce === undefined ? {} : { nonce }), ...certify }),
  );
  world.printJson(evidence);
  return 0;
};

const at = (file: string, { cwd }: World): string => new URL(file, `file://${cwd}/`).pathname;

async function judge(file: string, words: Words, world: World): Promise<ExitCode> {
  const evidence = evidenceSchema.safeParse(await readJson(file, world));
  if (!evidence.success) throw new UsageMistake(`${file} holds no evidence`, "it is what `portail identity attest NAME` prints");
  const roots = words.values("roots").length === 0 ? [] : await readRoots(words.values("roots"), world);
  const nonce = words.value("nonce");
  try {
    const verdict = verifyEvidence(evidence.data, {
      roots,
      now: world.clock.now(),
      pcrs: pcrsIn(words.values("pcr")),
      ...(nonce === undefined ? {} : { nonce }),
    });
    tell(verdict, evidence.data, words, world);
    return 0;
  } catch (cause) {
    if (!(cause instanceof ProofFailed)) throw cause;
    if (words.has("json")) world.printJson({ ok: false, problem: cause.message });
    else world.print(`${world.paint.bad("FAIL")} ${printable(cause.message)}`);
    return 1;
  }
}

function tell(verdict: Verdict, evidence: Evidence, words: Words, world: World): void {
  const made = words.has("make-challenge") && evidence.kind === "tpm" ? makeChallenge(evidence) : undefined;
  if (words.has("json") || made !== undefined) return world.printJson({ ...verdict, ...made });
  for (const line of verdict.proven) world.print(`${world.paint.good("ok  ")} ${printable(line)}`);
  for (const line of verdict.notProven) world.print(`open ${printable(line)}`);
  world.print(`key  SHA-256 ${verdict.key}`);
}

async function answer(file: string, words: Words, world: World): Promise<ExitCode> {
  const text = await readJson(file, world);
  // Either the challenge itself, or the whole answer of --make-challenge, which holds it.
  const inner: unknown = typeof text === "object" && text !== null ? (Reflect.get(text, "challenge") ?? text) : text;
  const challenge = challengeSchema.safeParse(inner);
  if (!challenge.success) throw new UsageMistake(`${file} holds no challenge`, "it is what --verify FILE --make-challenge prints");
  const agent = await world.connect();
  const made = await agent.call("identity.activate", { challenge: challenge.data });
  if (words.has("json")) world.printJson(made);
  else world.print(made.answer);
  return 0;
}

async function readJson(file: string, world: World): Promise<unknown> {
  try {
    return JSON.parse(new TextDecoder().decode(await readFile(file, world)));
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new UsageMistake(`${file} is not JSON`, cause.message);
    throw cause;
  }
}

async function readRoots(files: readonly string[], world: World): Promise<X509Certificate[]> {
  const texts = await Promise.all(files.map(async (file) => new TextDecoder().decode(await readFile(file, world))));
  const blocks = texts.join("\n").match(/-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0)
    throw new UsageMistake("--roots holds no certificate", "it is a PEM file of those who make TPMs or security keys");
  return blocks.map((block) => new X509Certificate(block));
}

function pcrsIn(values: readonly string[]): ReadonlyMap<number, string> {
  return new Map(
    values.map((value) => {
      const [, index, hex] = /^(\d{1,2})=([\da-f]{64})$/i.exec(value) ?? [];
      if (index === undefined || hex === undefined)
        throw new UsageMistake(`${JSON.stringify(value)} is no PCR`, "write NUMBER=64 hex digits");
      return [Number(index), hex] as const;
    }),
  );
}
