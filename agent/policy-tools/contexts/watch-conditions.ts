import type { CompiledCondition, Program } from "../../policy/index.ts";

/** Makes another condition of a condition. */
export type Wrap = (condition: CompiledCondition) => CompiledCondition;

/** The same program, each of its conditions wrapped: for tools that watch what a decision looks at. */
export function watchConditions(program: Program, wrap: Wrap): Program {
  const wrapWhen = <R extends { readonly when?: CompiledCondition }>(rule: R): R =>
    rule.when === undefined ? rule : { ...rule, when: wrap(rule.when) };
  return {
    ...program,
    breakGlass: new Map([...program.breakGlass].map(([name, scope]) => [name, wrapWhen(scope)])),
    guards: program.guards.map(wrapWhen),
    policies: program.policies.map((rule) => ({
      ...wrapWhen(rule),
      conditions: rule.conditions.map(wrap),
      requirements: rule.requirements.map((requirement) => ({ ...requirement, condition: wrap(requirement.condition) })),
    })),
    routes: program.routes.map(wrapWhen),
  };
}
