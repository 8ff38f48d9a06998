import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAudit } from "../audit/index.ts";
import type { AuditRecord } from "../contract/index.ts";
import { createRig, fakeHandlers, realClock } from "../control/channel-rig.suite.ts";
import { portail } from "./cli-rig.suite.ts";

const shipped = resolve(import.meta.dirname, "../../resources/policies");

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "portail-cli-"));
});
afterEach(() => rmSync(cwd, { recursive: true }));

const wrong = "policy web {\n  when request.prot == 443\n  then allow\n}\n";

describe("portail policy, without an agent", () => {
  it("check finds the shipped policies right", async () => {
    const { code, stdout } = await portail(["policy", "check", "small.portail", "agency.portail"], { cwd: shipped });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^small\.portail is right: \d+ rules, \d+ tests\.$/m);
  });

  it("check names every mistake of every file with its place, and ends with 2", async () => {
    writeFileSync(join(cwd, "wrong.portail"), wrong);
    const { code, stdout } = await portail(["policy", "check", "wrong.portail", join(shipped, "small.portail")], { cwd });
    expect(code).toBe(2);
    expect(stdout).toMatch(/^wrong\.portail:\d+:\d+: E_\w+: /m);
    expect(stdout).toContain("small.portail is right");
    const json = await portail(["policy", "check", "wrong.portail", "--json"], { cwd });
    expect(JSON.parse(json.stdout)).toMatchObject([{ file: "wrong.portail", ok: false }]);
    expect(json.code).toBe(2);
  });

  it("check ends with 2 for a file that is not there, and says so", async () => {
    const { code, stderr } = await portail(["policy", "check", "absent.portail"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain("POLICY_UNREADABLE");
  });

  it("test runs the tests that a policy carries, and ends with 1 when one fails", async () => {
    const passing = await portail(["policy", "test", "small.portail"], { cwd: shipped });
    expect(passing.code).toBe(0);
    expect(passing.stdout).toMatch(/small\.portail: \d+ tests, all pass\.\n$/);
    const text =
      'policy web { when request.port == 443 then allow }\nfixture f { request { host "a.test" port 80 } }\ntest "80 passes" { given f expect allow }\n';
    writeFileSync(join(cwd, "failing.portail"), text);
    const failing = await portail(["policy", "test", "failing.portail", "--json"], { cwd });
    const [report] = JSON.parse(failing.stdout) as { tests: { passed: boolean }[]; problems: { severity: string }[] }[];
    const isLoaded = report?.problems.every(({ severity }) => severity !== "error");
    expect(failing.code).toBe(isLoaded === true ? 1 : 2);
  });

  it("explain decides by the file alone", async () => {
    const words = ["policy", "explain", "small.portail", "--host", "Nowhere.Example.", "--port", "443"];
    const { code, stdout } = await portail([...words, "--json"], { cwd: shipped });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ host: "nowhere.example", port: 443 });
    const { outcome } = JSON.parse(stdout) as { outcome: string };
    expect((await portail([...words, "--expect", outcome], { cwd: shipped })).code).toBe(0);
    expect((await portail([...words, "--expect", outcome === "deny" ? "allow" : "deny"], { cwd: shipped })).code).toBe(1);
  });

  it("explain refuses what the policy does not know", async () => {
    const words = ["policy", "explain", "small.portail", "--host", "a.test", "--port", "1"];
    const { code, stderr } = await portail([...words, "--set", "client.ex=/bin/a"], { cwd: shipped });
    expect(code).toBe(2);
    expect(stderr).toContain("client.exe");
    expect((await portail([...words, "--set", "client.uid=many"], { cwd: shipped })).code).toBe(2);
    expect((await portail(["policy", "explain", "small.portail", "--host", "a b", "--port", "1"], { cwd: shipped })).code).toBe(2);
  });
});

describe("portail audit", () => {
  const record = (seq: number): AuditRecord => ({ seq, time: seq, kind: "event", body: { event: "agent_started" }, prev: "", hash: "" });

  it("asks the running agent page by page, and shows the newest, oldest first", async () => {
    const rig = createRig();
    const asked: (number | undefined)[] = [];
    const query = ({ limit = 0, after = 2501 }: { limit?: number | undefined; after?: number | undefined }) => {
      asked.push(limit);
      const first = Math.max(1, after - limit);
      return { records: Array.from({ length: after - first }, (_, index) => record(after - 1 - index)), more: first > 1 };
    };
    await rig.start({ handlers: { ...fakeHandlers(), "audit.query": query } });
    const { stdout } = await portail(["audit", "--json", "--limit", "2200"], { stateDir: rig.endpoint.dir });
    const seqs = stdout
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as AuditRecord).seq);
    expect(asked).toEqual([1000, 1000, 200]);
    expect(seqs).toEqual(Array.from({ length: 2200 }, (_, index) => index + 301));
    expect((await portail(["audit", "--limit", "1"], { stateDir: rig.endpoint.dir })).stderr).toContain("--limit shows more");
    await rig.end();
  });

  it("reads, checks and exports the record of an agent that is not running", async () => {
    mkdirSync(join(cwd, "state"), { mode: 0o700 });
    const audit = createAudit({ dir: join(cwd, "state/audit"), clock: realClock });
    await audit.start();
    await audit.recordEvent({ name: "agent_started" });
    await audit.recordEvent({ name: "agent_stopped" });
    await audit.close();
    const options = { stateDir: join(cwd, "state") };
    const found = await portail(["audit"], options);
    expect(found.code).toBe(0);
    expect(found.stdout).toMatch(/SEQ .*\n.*agent_started\n.*agent_stopped\n/);
    const checked = await portail(["audit", "verify", "--json"], options);
    expect(checked.code).toBe(0);
    const { head } = JSON.parse(checked.stdout) as { head: string };
    expect((await portail(["audit", "verify", "--head", head], options)).code).toBe(0);
    expect((await portail(["audit", "verify", "--head", "11".repeat(32)], options)).code).toBe(1);
    for (const format of ["jsonl", "ocsf", "ecs"]) {
      const { code, stdout } = await portail(["audit", "export", "--format", format], options);
      expect(code).toBe(0);
      for (const line of stdout.trim().split("\n")) expect(JSON.parse(line)).toBeTypeOf("object");
    }
  });

  it.each([
    [["audit", "--since", "soon"], "--since cannot be read"],
    [["audit", "--limit", "0"], "--limit takes a whole number"],
    [["audit", "verify", "--head", "abc"], "--head takes the 64"],
    [["audit", "export", "--format", "xml"], "--format cannot be"],
    [["identity", "attest", "--verify", "gone.json"], "gone.json cannot be read"],
    [["identity", "import", "laptop", "gone.pem"], "gone.pem cannot be read"],
  ])("%j is a mistake in the words", async (words, mistake) => {
    const { code, stderr } = await portail(words);
    expect(code).toBe(2);
    expect(stderr).toContain(mistake);
  });
});
