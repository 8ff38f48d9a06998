import { audiences, isAudience } from "./audience.ts";
import { makeCondition, type Workshop } from "./compile-conditions.ts";
import { attributesOf } from "./expression/index.ts";
import type { CompiledReveal } from "./program.ts";
import { suggest } from "./suggest.ts";
import type { RevealBlock, RevealTarget } from "./tree.ts";
import { type AttributeTable, attributeClasses } from "./vocabulary.ts";

/** Check who may see what. `attributes` is the policy's whole vocabulary, `decision.*` included. */
export function compileReveals(blocks: readonly RevealBlock[], workshop: Workshop, attributes: AttributeTable): readonly CompiledReveal[] {
  return blocks.map((block) => compileReveal(block, { blocks, workshop, attributes })).filter((reveal) => reveal !== undefined);
}

interface Context {
  readonly blocks: readonly RevealBlock[];
  readonly workshop: Workshop;
  readonly attributes: AttributeTable;
}

function compileReveal(block: RevealBlock, context: Context): CompiledReveal | undefined {
  const { diagnostics } = context.workshop;
  if (!isAudience(block.to.text)) {
    diagnostics.error(
      block.to,
      "E_AUDIENCE",
      `'${block.to.text}' is no audience`,
      suggest(block.to.text, audiences) ?? `audiences are ${audiences.join(", ")}`,
    );
  }
  for (const line of block.lines) for (const target of line.what) checkTarget(target, context);
  if (block.when === undefined) return { name: block.name.text, to: block.to.text, lines: block.lines };
  const made = makeCondition(block.when, context.workshop);
  if (made === undefined) return undefined;
  for (const path of attributesOf(made.checked)) {
    if (isShown(path, block.to.text, context)) continue;
    diagnostics.warn(
      block.name,
      "W_ORACLE",
      `whether '${block.name.text}' applies tells ${block.to.text} something about '${path}', which it may not see`,
      "show the attribute, or write '# portail: allow W_ORACLE' on the line above",
    );
  }
  return { name: block.name.text, to: block.to.text, when: made.condition, lines: block.lines };
}

function checkTarget(target: RevealTarget, { workshop, attributes }: Context): void {
  const { diagnostics } = workshop;
  if (target.kind === "path" && !attributes.has(target.path)) {
    diagnostics.error(target.at, "E_UNKNOWN_ATTR", `unknown attribute '${target.path}'`, suggest(target.path, attributes.keys()));
  }
  if (target.kind !== "class") return;
  for (const word of target.classes) {
    const known = attributeClasses.some((cls) => cls === word.text);
    if (!known)
      diagnostics.error(
        word,
        "E_CLASS",
        `'${word.text}' is no class`,
        suggest(word.text, attributeClasses) ?? `classes are ${attributeClasses.join(", ")}`,
      );
  }
}

/** Whether some block shows the attribute in clear to the audience. */
function isShown(path: string, audience: string, { blocks, attributes }: Context): boolean {
  const cls = attributes.get(path)?.class;
  return blocks.some(
    (block) =>
      block.to.text === audience && block.lines.some((line) => line.how === "show" && line.what.some((target) => names(target, path, cls))),
  );
}

/** Whether a line's target names the attribute. */
export function names(target: RevealTarget, path: string, cls: string | undefined): boolean {
  if (target.kind === "all") return true;
  if (target.kind === "path") return target.path === path;
  return target.classes.some((word) => word.text === cls);
}
