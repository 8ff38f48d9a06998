import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAudit } from "../audit/index.ts";
import { type Request, undecidable } from "../connection/index.ts";
import { realClock } from "../control/channel-rig.suite.ts";
import { portail } from "./cli-rig.suite.ts";

const shipped = resolve(import.meta.dirname, "../../resources/policies");

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "portail-tools-"));
});
afterEach(() => rmSync(cwd, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(cwd, name);
  writeFileSync(path, text);
  return path;
}

const requestTo = (host: string): Request => ({
  id: "c1",
  listener: "local",
  protocol: "socks5",
  transport: "tcp",
  host,
  port: 80,
  tls: false,
  origin: { kind: "tcp", address: "127.0.0.1", port: 1, localAddress: "127.0.0.1", localPort: 2 },
  receivedAt: 0,
});

describe("portail policy fmt", () => {
  it("writes the one layout, keeps who may read the file, and has nothing to do the second time", async () => {
    const path = write("p.portail", "portail policy 1\npolicy a{when request.port==80 allow}\n");
    chmodSync(path, 0o644);
    expect((await portail(["policy", "fmt", "--check", "p.portail"], { cwd })).code).toBe(1);
    expect((await portail(["policy", "fmt", "p.portail"], { cwd })).code).toBe(0);
    expect(readFileSync(path, "utf8")).toBe("portail policy 1\npolicy a {\n  when request.port == 80\n  allow\n}\n");
    expect(statSync(path).mode & 0o777).toBe(0o644);
    expect((await portail(["policy", "fmt", "--check", "p.portail"], { cwd })).code).toBe(0);
  });

  it("leaves a file alone that it cannot read, and says where it is wrong", async () => {
    const path = write("bad.portail", "portail policy 1\npolicy {");
    const { code, stdout } = await portail(["policy", "fmt", "bad.portail"], { cwd });
    expect(code).toBe(2);
    expect(stdout).toMatch(/^bad\.portail:2:\d+: E_SYNTAX/m);
    expect(readFileSync(path, "utf8")).toBe("portail policy 1\npolicy {");
  });

  it("prints instead of writing with --stdout", async () => {
    const before = readFileSync(join(shipped, "small.portail"), "utf8");
    const { code, stdout } = await portail(["policy", "fmt", "--stdout", "small.portail"], { cwd: shipped });
    expect(code).toBe(0);
    expect(stdout).toContain("policy old-wiki {\n");
    expect(readFileSync(join(shipped, "small.portail"), "utf8")).toBe(before);
  });
});

describe("portail policy diff", () => {
  const small = join(shipped, "small.portail");

  it("ends with 0 where nothing opens, with 1 where something does, and shows an example that can be asked again", async () => {
    expect((await portail(["policy", "diff", small, small, "--contexts", "20000"], { cwd })).code).toBe(0);
    write("new.portail", readFileSync(small, "utf8").replace("user.auth_age <= 8h", "user.auth_age <= 9h"));
    const { code, stdout } = await portail(["policy", "diff", small, "new.portail", "--contexts", "20000"], { cwd });
    expect(code).toBe(1);
    expect(stdout).toContain("OPENS   step_up by git-push -> allow by git-push");
    const json = await portail(["policy", "diff", "new.portail", small, "--contexts", "20000", "--json"], { cwd });
    expect(json.code).toBe(0);
    expect(JSON.parse(json.stdout)).toMatchObject({ classes: [{ kind: "closes", before: { outcome: "allow" } }] });
    expect((await portail(["policy", "diff", "new.portail", small, "--fail-on", "closes", "--contexts", "20000"], { cwd })).code).toBe(1);
  });

  it("looks at recorded traffic, from the record of a stopped agent or from an export", async () => {
    mkdirSync(join(cwd, "state"), { mode: 0o700 });
    const audit = createAudit({ dir: join(cwd, "state/audit"), clock: realClock });
    await audit.start();
    await audit.recordVerdict(requestTo("wiki.old.example"), undecidable("other"), {});
    await audit.close();
    write("new.portail", readFileSync(small, "utf8").replace('redirect "https://wiki.corp.example/"', "allow"));
    const options = { cwd, stateDir: join(cwd, "state") };
    const live = await portail(["policy", "diff", small, "new.portail", "--traffic", "--json"], options);
    expect(JSON.parse(live.stdout)).toMatchObject({
      requests: 1,
      classes: [{ kind: "opens", requests: 1, destinations: ["wiki.old.example:80"] }],
    });
    const exported = await portail(["audit", "export", "--format", "jsonl"], options);
    write("traffic.jsonl", exported.stdout);
    const again = await portail(["policy", "diff", small, "new.portail", "--traffic-file", "traffic.jsonl", "--json"], options);
    expect(again.stdout).toBe(live.stdout);
  });

  it("refuses files that are no policy and exports that are none", async () => {
    write("bad.portail", "portail policy 2");
    expect((await portail(["policy", "diff", small, "bad.portail"], { cwd })).code).toBe(2);
    const { code, stderr } = await portail(["policy", "diff", small, small, "--traffic-file", "bad.portail"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain("bad.portail:1");
  });
});

describe("portail policy test", () => {
  it("takes more tests from a file of their own, and names that file when one fails", async () => {
    const words = ["policy", "test", "small.portail", "--tests", "small.tests.portail"];
    const good = await portail(words, { cwd: shipped });
    expect(good.code).toBe(0);
    expect(good.stdout).toMatch(/^ok {3}small\.tests\.portail:6: a build machine is a forge$/m);
    write("more.portail", 'portail policy 1\ntest "wrong" { given alice, ssh expect deny }\n');
    const bad = await portail(["policy", "test", join(shipped, "small.portail"), "--tests", "more.portail"], { cwd });
    expect(bad.code).toBe(1);
    expect(bad.stdout).toMatch(/^FAIL more\.portail:2: wrong$/m);
    write("rules.portail", "portail policy 1\npolicy p { allow }\n");
    expect((await portail(["policy", "test", join(shipped, "small.portail"), "--tests", "rules.portail"], { cwd })).code).toBe(2);
  });

  it("shows coverage and mutants, and can insist on a score", async () => {
    const small = join(shipped, "small.portail");
    const { code, stdout } = await portail(["policy", "test", small, "--coverage", "--mutate"], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/ {2}require member +never false/);
    expect(stdout).toMatch(/^SURVIVES .*small\.portail:14: 8h -> 8h1ms$/m);
    expect((await portail(["policy", "test", small, "--mutate", "--min-score", "95"], { cwd })).code).toBe(1);
    const words = ["policy", "test", "small.portail", "--tests", "small.tests.portail", "--mutate", "--min-score", "95", "--json"];
    const json = await portail(words, { cwd: shipped });
    expect(json.code).toBe(0);
    expect(JSON.parse(json.stdout)).toMatchObject([{ ok: true, mutations: { survivors: [], scoreOfDifferent: 1 } }]);
  });
});

describe("portail policy bench", () => {
  it("says what loading, deciding and each rule cost", async () => {
    const { code, stdout } = await portail(["policy", "bench", join(shipped, "small.portail"), "--decisions", "2000"], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/2000 decisions: half under [\d.]+ µs/);
    expect(stdout).toMatch(/policy git-push +\d+ +\d+ +[\d.]+ %/);
    const json = await portail(["policy", "bench", join(shipped, "small.portail"), "--decisions", "2000", "--json"], { cwd });
    expect(JSON.parse(json.stdout)).toMatchObject({ decisions: 2000, rules: expect.any(Array) as unknown });
  });
});

describe("portail policy import", () => {
  it("writes a policy that loads, says what it changed, and touches no file that is there", async () => {
    write("filter.acl", 'policy git { when host =~ "^git" require user.group in ["eng"] action allow }');
    const printed = await portail(["policy", "import", "filter.acl"], { cwd });
    expect(printed.code).toBe(0);
    expect(printed.stdout).toContain('require user.group in ["eng"] else next');
    expect(printed.stderr).toContain("filter.acl:1: 'git': when the requirement fails");
    expect((await portail(["policy", "import", "filter.acl", "--output", "p.portail"], { cwd })).code).toBe(0);
    expect((await portail(["policy", "check", "p.portail"], { cwd })).code).toBe(0);
    expect((await portail(["policy", "import", "filter.acl", "--output", "p.portail"], { cwd })).code).toBe(2);
  });

  it("names the place that it cannot read", async () => {
    write("bad.acl", "policy git {\n  when host\n}");
    const { code, stdout } = await portail(["policy", "import", "bad.acl"], { cwd });
    expect(code).toBe(2);
    expect(stdout).toMatch(/^bad\.acl:3:1: expected a comparison/m);
    const json = await portail(["policy", "import", "bad.acl", "--json"], { cwd });
    expect(JSON.parse(json.stdout)).toMatchObject({ kind: "refused", line: 3 });
  });
});
