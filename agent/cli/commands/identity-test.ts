import { failures } from "../../contract/index.ts";
import { answerQuestions } from "../answer-questions.ts";
import type { Action } from "../command.ts";
import { parseServer } from "../identity-words.ts";
import { readNamedFile as readFile } from "../policy-files.ts";
import { printable } from "../printable.ts";
import { UsageMistake } from "../usage-mistake.ts";

export const testIdentity: Action = async (words, world) => {
  const { host, port } = parseServer(words.operands[0] ?? "");
  const caFile = words.value("ca");
  const serverName = words.value("server-name");
  const ca = caFile === undefined ? undefined : new TextDecoder().decode(await readFile(caFile, world));
  const agent = await world.connect();
  const name = words.value("identity") ?? onlyOne(await agent.call("identity.list", {}));
  const story = await answerQuestions(
    world,
    agent,
    agent.call("identity.test", {
      name,
      host,
      port,
      ...(serverName === undefined ? {} : { serverName }),
      ...(ca === undefined ? {} : { ca }),
    }),
  );
  if (words.has("json")) world.printJson(story);
  else
    for (const { ok, says, code } of story.steps) {
      world.print(`${ok ? world.paint.good("ok  ") : world.paint.bad("FAIL")} ${printable(says)}`);
      if (code !== undefined) world.print(`     ${failures[code].sentence} (${code})\n     ${failures[code].remedy}`);
    }
  return story.ok ? 0 : 1;
};

function onlyOne(identities: readonly { readonly name: string }[]): string {
  const [one, other] = identities;
  if (one !== undefined && other === undefined) return one.name;
  const names = identities.map(({ name }) => name).join(", ");
  throw new UsageMistake("--identity is missing", names === "" ? "no identity is configured" : `it is one of ${names}`);
}
