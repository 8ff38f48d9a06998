import type { Command, Flag } from "./command.ts";
import { identityCommands } from "./identity-commands.ts";
import { json } from "./json-flag.ts";

const host: Flag = { name: "host", value: "HOST", says: "Destination as a program would name it" };
const port: Flag = { name: "port", value: "PORT", says: "Destination port" };
const protocol: Flag = {
  name: "protocol",
  value: "NAME",
  says: "How the program asks, default socks5",
  choices: ["socks5", "http", "h2", "h3", "persona", "transparent", "gateway"],
};
const set: Flag = { name: "set", value: "ATTR=VALUE", says: "What is known of the request, as policy names it", repeats: true };
const expect: Flag = {
  name: "expect",
  value: "OUTCOME",
  says: "End with 1 when the decision is another one",
  choices: ["allow", "deny", "redirect", "step_up", "challenge"],
};
const since: Flag = { name: "since", value: "TIME", says: "Only from then on: an age (2h, 7d), a day, a local time, or an instant" };
const outcome: Flag = { ...expect, name: "outcome", says: "Only decisions of this kind" };
const text: Flag = { name: "text", value: "TEXT", says: "Only records whose host, program, rule, incident or user contain it" };
const files = { name: "FILE", says: "a policy file", repeats: true } as const;

/** Every command, in the order of the manual. Help, completion and docs/cli.md derive from it. */
export const commands: readonly Command[] = [
  {
    words: ["run"],
    says: "Run the agent in the foreground",
    more: [
      "Writes a structured log (one JSON object a line) to stderr. SIGTERM or Ctrl-C drains: new connections are refused, running ones get a bounded time.",
    ],
    flags: [
      { name: "config", value: "FILE", says: "The configuration; without one the built-in default runs" },
      { name: "supervised", says: "Started by the tray application, which waits on descriptor 3", hidden: true },
    ],
    examples: [
      ["portail run", "Serve SOCKS5 and HTTP on 127.0.0.1:1080 for yourself, straight out, recorded"],
      ["portail run --config portail.yaml", "Run by a configuration file"],
    ],
    load: async () => (await import("./commands/run.ts")).runCommand,
  },
  {
    words: ["status"],
    says: "How the agent is: listeners, policy, ways out, alarms",
    flags: [json, { name: "wait", value: "SECONDS", says: "Wait that long for the agent to be ready; end with 1 or 3 when it is not" }],
    examples: [["portail status --wait 30", "Continue a script only when the agent is ready"]],
    calls: ["status.get", "identity.questions"],
    load: async () => (await import("./commands/status.ts")).showStatus,
  },
  {
    words: ["connections"],
    says: "Living and recent connections with their decisions",
    flags: [
      json,
      { name: "follow", says: "Go on printing what begins and ends, until Ctrl-C" },
      { name: "limit", value: "N", says: "At most so many; default 50" },
    ],
    examples: [["portail connections --follow", "Watch decisions as they are made"]],
    calls: ["connections.list", "watch"],
    load: async () => (await import("./commands/connections.ts")).listConnections,
  },
  {
    words: ["connections", "close"],
    says: "End a living connection",
    operands: [{ name: "ID", says: "its id or incident, from `portail connections`" }],
    flags: [json],
    calls: ["connections.close"],
    load: async () => (await import("./commands/connections-close.ts")).closeConnection,
  },
  {
    words: ["explain"],
    says: "Why a request is or would be decided as it is, and what would change that",
    more: [
      "Asks the running agent, by the policy in force. With an id it tells of a connection that was; with --host and --port of one that might be.",
    ],
    operands: [{ name: "ID", says: "a connection or an incident number", optional: true }],
    flags: [host, port, protocol, set, expect, json],
    examples: [
      ["portail explain 7F3K92QD", "Why was that refused?"],
      ["portail explain --host git.corp.example --port 22 --set client.exe=/usr/bin/ssh", "Would ssh get through?"],
    ],
    calls: ["explain", "connections.explain"],
    load: async () => (await import("./commands/explain.ts")).explainRequest,
  },
  {
    words: ["holds"],
    says: "Connections that wait for an answer",
    flags: [json],
    calls: ["holds.list"],
    load: async () => (await import("./commands/holds.ts")).listHolds,
  },
  {
    words: ["holds", "resolve"],
    says: "Let a waiting connection go on, or refuse it",
    operands: [
      { name: "ID", says: "its id, from `portail holds`" },
      { name: "ACTION", says: "what to do", choices: ["continue", "refuse"] },
    ],
    flags: [{ name: "reason", value: "TEXT", says: "Why, where the policy asks for a reason" }, json],
    calls: ["holds.resolve"],
    load: async () => (await import("./commands/holds-resolve.ts")).resolveHold,
  },
  {
    words: ["policy", "check"],
    says: "Check policy files: syntax, types, names; needs no agent",
    operands: [files],
    flags: [json],
    load: async () => (await import("./commands/policy-check.ts")).checkPolicies,
  },
  {
    words: ["policy", "fmt"],
    says: "Write policy files in their one layout; needs no agent",
    more: ["What a file says does not change, comments stay, and a file that cannot be read is left alone."],
    operands: [files],
    flags: [
      { name: "check", says: "Change nothing; end with 1 when a file is in another layout" },
      { name: "stdout", says: "Print the layout and leave the file alone" },
      json,
    ],
    load: async () => (await import("./commands/policy-fmt.ts")).formatPolicies,
  },
  {
    words: ["policy", "test"],
    says: "Run the tests that policy files carry; needs no agent",
    more: [
      "--coverage shows which conditions the tests saw come out both ways. --mutate makes every small mistake in turn (a condition negated, a number one off, an entry or a requirement left out) and shows those that no test notices.",
    ],
    operands: [files],
    flags: [
      { name: "tests", value: "FILE", says: "More tests for one policy: a file with fixtures and tests only" },
      { name: "coverage", says: "Show what the tests put to work" },
      { name: "mutate", says: "Show which mistakes the tests would not notice" },
      {
        name: "min-score",
        value: "PERCENT",
        says: "With --mutate: end with 1 when fewer of the mutants that make a difference are noticed",
      },
      json,
    ],
    examples: [["portail policy test policy.portail --mutate --min-score 95", "A gate for changes of a policy"]],
    load: async () => (await import("./commands/policy-test.ts")).testPolicies,
  },
  {
    words: ["policy", "explain"],
    says: "The decision of a policy file for a request; needs no agent",
    operands: [{ name: "FILE", says: "a policy file" }],
    flags: [host, port, protocol, set, expect, json],
    examples: [["portail policy explain policy.portail --host db.corp.example --port 5432 --expect allow", "A check for a script"]],
    load: async () => (await import("./commands/policy-explain.ts")).explainPolicy,
  },
  {
    words: ["policy", "diff"],
    says: "Which requests a change of policy opens, closes or changes; needs no agent",
    more: [
      "Judges contexts made from the literals of both files by each of them: every pattern's hosts and look-alikes, every number and its neighbours, every text of a list, and what is unknown. With --traffic it looks only where recorded requests went. What it shows is real; what it does not show was not found among the contexts tried.",
      "Ends with 1 when something opens.",
    ],
    operands: [
      { name: "FILE", says: "the policy as it is" },
      { name: "NEW", says: "the policy as it would be" },
    ],
    flags: [
      { name: "traffic", says: "Look where the requests of the agent's record went" },
      { name: "traffic-file", value: "FILE", says: "The same with an exported record (portail audit export --format jsonl)" },
      { name: "contexts", value: "N", says: "Try about so many; default 100000" },
      { name: "fail-on", value: "KIND", says: "End with 1 on this; default opens", choices: ["opens", "closes", "any", "never"] },
      json,
    ],
    examples: [["portail policy diff policy.portail new.portail --fail-on any", "A check of a change that should change nothing"]],
    calls: ["audit.query"],
    load: async () => (await import("./commands/policy-diff.ts")).diffPolicyFiles,
  },
  {
    words: ["policy", "lsp"],
    says: "A language server for editors, on standard input and output; needs no agent",
    more: [
      "Mistakes, completion, hover, definitions, layout and test results for policy files, in every editor that speaks the Language Server Protocol. An editor starts it; docs/policy/editors.md says how.",
    ],
    load: async () => (await import("./commands/policy-lsp.ts")).servePolicyEditor,
  },
  {
    words: ["policy", "bench"],
    says: "What a policy costs: to load, to decide, rule by rule; needs no agent",
    more: ["Decides contexts made from the policy's own literals, on this machine and beside whatever else it does."],
    operands: [{ name: "FILE", says: "a policy file" }],
    flags: [{ name: "decisions", value: "N", says: "How many decisions to time; default 200000" }, json],
    load: async () => (await import("./commands/policy-bench.ts")).benchPolicy,
  },
  {
    words: ["policy", "import"],
    says: "Turn a file of the original Portail ACL into a policy that decides the same; needs no agent",
    more: ["Prints the policy, and on stderr what was changed and why; the same is written on top of the policy."],
    operands: [{ name: "FILE", says: "a file with the original's policy and route blocks" }],
    flags: [{ name: "output", value: "FILE", says: "Write the policy there, and check it; a file that is there is not touched" }, json],
    examples: [["portail policy import filter.acl --output policy.portail", "Move over"]],
    load: async () => (await import("./commands/policy-import.ts")).importPolicy,
  },
  {
    words: ["policy", "show"],
    says: "The policy in force, with how often each rule decided",
    flags: [json, { name: "source", says: "Only its text" }],
    calls: ["policy.get"],
    load: async () => (await import("./commands/policy-show.ts")).showPolicy,
  },
  {
    words: ["policy", "whatif"],
    says: "Which recent connections another policy file would decide otherwise",
    more: [
      "Asks the running agent to check the file and to judge its recent connections by it. Nothing is put in force. Ends with 1 when something would change.",
    ],
    operands: [{ name: "FILE", says: "a policy file" }],
    flags: [json, { name: "limit", value: "N", says: "How many recent connections to judge again; default 1000" }],
    calls: ["policy.whatif", "policy.check"],
    load: async () => (await import("./commands/policy-whatif.ts")).askWhatIf,
  },
  {
    words: ["config", "check"],
    says: "Check a configuration file and the policy that it names; needs no agent",
    operands: [{ name: "FILE", says: "a configuration file" }],
    flags: [json],
    load: async () => (await import("./commands/config-check.ts")).checkConfig,
  },
  {
    words: ["config", "schema"],
    says: "The JSON Schema of the configuration file, for editors",
    flags: [json],
    load: async () => (await import("./commands/config-schema.ts")).printConfigSchema,
  },
  {
    words: ["config", "show"],
    says: "The configuration in force",
    flags: [json],
    calls: ["config.get"],
    load: async () => (await import("./commands/config-show.ts")).showConfig,
  },
  {
    words: ["audit"],
    says: "Search the record; works without a running agent too",
    flags: [
      since,
      { ...since, name: "until", says: "Only before then" },
      outcome,
      text,
      { name: "limit", value: "N", says: "At most so many, the newest; default 50" },
      json,
    ],
    examples: [
      ["portail audit --since 1h --outcome deny", "What was refused in the last hour?"],
      ["portail audit --text 7F3K92QD --json", "Everything on one incident, one JSON object a line"],
    ],
    calls: ["audit.query"],
    load: async () => (await import("./commands/audit.ts")).searchAudit,
  },
  {
    words: ["audit", "verify"],
    says: "Check that no record was changed, added or taken away",
    more: [
      "Ends with 1 when the chain is broken. Note the head that it prints elsewhere: with --head it proves later that nothing was cut off.",
    ],
    flags: [{ name: "head", value: "DIGEST", says: "A head that was noted earlier and must still be part of the chain" }, json],
    calls: ["audit.verify"],
    load: async () => (await import("./commands/audit-verify.ts")).verifyAudit,
  },
  {
    words: ["audit", "export"],
    says: "Write the record in a format of others",
    flags: [
      { name: "format", value: "NAME", says: "The format", choices: ["jsonl", "ocsf", "ecs"] },
      since,
      { ...since, name: "until", says: "Only before then" },
      outcome,
      text,
    ],
    examples: [["portail audit export --format ocsf --since 1d > yesterday.ocsf.jsonl", "For the log collector"]],
    load: async () => (await import("./commands/audit-export.ts")).exportAudit,
  },
  ...identityCommands,
  {
    words: ["hostkeys"],
    says: "Keys of SSH servers: those that wait for your answer, and those that you have accepted",
    flags: [json],
    calls: ["hostkeys.list", "identity.questions"],
    load: async () => (await import("./commands/hostkeys.ts")).listHostKeys,
  },
  {
    words: ["hostkeys", "accept"],
    says: "Accept the key of an SSH server that was never met before",
    more: ["Compare the fingerprint with what the server's owner tells you first: whoever stands between can show a key too."],
    operands: [{ name: "ID", says: "a question of `portail hostkeys`" }],
    flags: [json],
    calls: ["hostkeys.answer"],
    load: async () => (await import("./commands/hostkeys-answer.ts")).acceptHostKey,
  },
  {
    words: ["hostkeys", "refuse"],
    says: "Refuse the key of an SSH server; the connections that wait for it fail",
    operands: [{ name: "ID", says: "a question of `portail hostkeys`" }],
    flags: [json],
    calls: ["hostkeys.answer"],
    load: async () => (await import("./commands/hostkeys-answer.ts")).refuseHostKey,
  },
  {
    words: ["hostkeys", "forget"],
    says: "Forget the accepted keys of an SSH server, after it was given a new one on purpose",
    more: ["Takes them out of the agent's own file only; lines of ~/.ssh/known_hosts stay. Ends with 1 when there was none."],
    operands: [{ name: "ADDRESS", says: "the server as `portail hostkeys` lists it, host:port" }],
    flags: [json],
    examples: [["portail hostkeys forget gw.corp.example:22", "The owner says that the key was changed"]],
    calls: ["hostkeys.forget"],
    load: async () => (await import("./commands/hostkeys-forget.ts")).forgetHostKeys,
  },
  {
    words: ["console"],
    says: "A one-use link to the screens in your own browser",
    more: ["The link opens once, within a minute, in a browser of the agent's own user."],
    flags: [{ name: "no-open", says: "Print only the link, for scripts" }, json],
    calls: ["console.open"],
    load: async () => (await import("./commands/console.ts")).openConsole,
  },
  {
    words: ["reload"],
    says: "Read configuration, policy and certificates again",
    more: ["All is checked first; a mistake changes nothing, is shown with its place, and ends with 2."],
    flags: [json],
    calls: ["config.reload"],
    load: async () => (await import("./commands/reload.ts")).reloadConfig,
  },
  {
    words: ["stop"],
    says: "Stop the agent when its connections have ended or their time is over",
    flags: [{ name: "drain", value: "DURATION", says: "How long living connections may go on; default from the configuration" }, json],
    calls: ["agent.stop"],
    load: async () => (await import("./commands/stop.ts")).stopAgent,
  },
  {
    words: ["completion"],
    says: "Completion for a shell",
    operands: [{ name: "SHELL", says: "the shell", choices: ["bash", "zsh", "fish"] }],
    examples: [['eval "$(portail completion bash)"', "For this session"]],
    load: async () => (await import("./commands/completion.ts")).printCompletion,
  },
  {
    words: ["version"],
    says: "The version (also --version)",
    flags: [json],
    load: async () => (await import("./commands/version.ts")).showVersion,
  },
];
