/** Each engine behind the same two doors: one condition, and a decision over many rules. */
import crypto from "node:crypto";
import { celEnv, parse as parseCel, plan } from "@bufbuild/cel";
import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { Environment } from "@marcbachmann/cel-js";
import * as casbin from "casbin";
import {
  compileExpression,
  createFactFrame,
  checkExpression,
  MapEnvironment,
  parseType,
  parseWholeExpression,
  SlotTable,
  TokenStream,
} from "../../../agent/policy/expression/index.ts";
import { decide, loadPolicy, vocabulary } from "../../../agent/policy/index.ts";
import { manyRules, nest } from "./rules.mjs";

export const sha256 = (content) => crypto.createHash("sha256").update(content).digest("hex");

export const factsFrom = (flat) => {
  const known = new Map(Object.entries(flat).map(([path, value]) => [path, { kind: "known", value }]));
  const unknown = { kind: "unknown", why: "not given" };
  return { read: (path) => known.get(path) ?? unknown };
};

const environment = new MapEnvironment(
  [...vocabulary.values()].map(({ path, type, optional }) => [path, { type: parseType(new TokenStream(type)), optional }]),
);

export const portail = {
  name: "Portail",
  condition(source, flat) {
    const { expression } = parseWholeExpression(source);
    const checked = checkExpression(expression, environment);
    const table = new SlotTable();
    const evaluate = compileExpression(checked.checked, table);
    const declared = (path) => environment.attribute(path);
    const frame = createFactFrame(table, factsFrom(flat), declared);
    // The first evaluation reads the facts into the frame; what is measured is what a decision's later rules pay.
    return () => evaluate(frame);
  },
  decider(count) {
    const { policy } = loadPolicy(manyRules.portail(count), { file: "bench.portail", hash: sha256 });
    return { ask: (flat) => factsFrom(flat), decide: (facts) => decide(policy, facts).verdict.outcome === "allow" };
  },
};

const marc = {
  name: "@marcbachmann/cel-js",
  environment: () => new Environment({ unlistedVariablesAreDyn: true }),
  condition(source, flat) {
    const evaluate = this.environment().parse(source);
    const context = nest(flat, BigInt);
    return () => evaluate(context);
  },
  decider(count) {
    const env = this.environment();
    const rules = Array.from({ length: count }, (_, i) => env.parse(manyRules.cel(i)));
    return { ask: (flat) => nest(flat, BigInt), decide: (context) => rules.some((rule) => rule(context) === true) };
  },
};

const bufbuild = {
  name: "@bufbuild/cel",
  condition(source, flat) {
    const evaluate = plan(celEnv(), parseCel(source));
    const context = nest(flat, BigInt);
    return () => evaluate(context);
  },
  decider(count) {
    const env = celEnv();
    const rules = Array.from({ length: count }, (_, i) => plan(env, parseCel(manyRules.cel(i))));
    return { ask: (flat) => nest(flat, BigInt), decide: (context) => rules.some((rule) => rule(context) === true) };
  },
};

const entity = (type, id) => ({ type, id });
const cedarCall = (id, context) => ({
  principal: entity("User", "u"),
  action: entity("Action", "connect"),
  resource: entity("Host", "h"),
  context,
  preparsedPolicySetId: id,
  entities: [],
});

const cedarWasm = {
  name: "Cedar (wasm)",
  prepare(id, staticPolicies) {
    const answer = cedar.preparsePolicySet(id, { staticPolicies });
    if (answer.type !== "success") throw new Error(JSON.stringify(answer));
    return (context) => cedar.statefulIsAuthorized(cedarCall(id, context)).response?.decision === "allow";
  },
  condition(source, flat) {
    const decideOne = this.prepare(`one ${source}`, `permit(principal, action, resource) when { ${source} };`);
    const context = nest(flat);
    return () => decideOne(context);
  },
  decider(count) {
    const decideMany = this.prepare(`many ${count}`, Array.from({ length: count }, (_, i) => manyRules.cedar(i)).join("\n"));
    return { ask: (flat) => nest(flat), decide: decideMany };
  },
};

const functions = { has: (list, entry) => list.includes(entry), matches: (text, pattern) => new RegExp(pattern).test(text) };

const casbinEngine = {
  name: "Casbin",
  async enforcer(request, policy, matcher, rules) {
    const model = casbin.newModelFromString(
      `[request_definition]\nr = ${request}\n[policy_definition]\np = ${policy}\n[policy_effect]\ne = some(where (p.eft == allow))\n[matchers]\nm = ${matcher}\n`,
    );
    const enforcer = await casbin.newEnforcer(model);
    for (const [name, run] of Object.entries(functions)) await enforcer.addFunction(name, run);
    await enforcer.addPolicies(rules);
    return enforcer;
  },
  async condition(source, flat) {
    const enforcer = await this.enforcer("request, user, device, geo, risk, client", "name", source, [["any"]]);
    const { request, user, device, geo, risk, client } = nest(flat);
    return () => enforcer.enforceSync(request, user, device, geo, risk, client);
  },
  async decider(count) {
    const rules = Array.from({ length: count }, (_, i) => manyRules.casbin(i));
    const matcher = "r.request.host == p.host && r.request.port == p.port && has(r.user.groups, p.grp)";
    const enforcer = await this.enforcer("request, user", "grp, host, port", matcher, rules);
    return {
      ask: (flat) => {
        const { request, user } = nest(flat);
        return [{ ...request, port: String(request.port) }, user];
      },
      decide: ([request, user]) => enforcer.enforceSync(request, user),
    };
  },
};

export const engines = [
  { ...portail, words: "portail" },
  { ...marc, words: "cel" },
  { ...bufbuild, words: "cel" },
  { ...cedarWasm, words: "cedar" },
  { ...casbinEngine, words: "casbin" },
];
