import type { IdentityDetails, Token } from "../../contract/index.ts";
import { answerQuestions } from "../answer-questions.ts";
import type { Action } from "../command.ts";
import { formatDate } from "../identity-words.ts";
import { type Column, formatTable } from "../table.ts";

export const listIdentities: Action = async (words, world) => {
  const agent = await world.connect();
  const identities = await agent.call("identity.list", {});
  const tokens = words.has("tokens") ? await answerQuestions(world, agent, agent.call("identity.tokens", {})) : [];
  if (words.has("json")) {
    world.printJson(words.has("tokens") ? { identities, tokens } : identities);
    return 0;
  }
  if (identities.length === 0) world.remark("No identity is configured.");
  else world.print(formatTable(identityColumns, identities, world.width));
  if (!words.has("tokens")) return 0;
  if (tokens.length === 0) world.remark("No token is there.");
  for (const token of tokens) {
    world.print(`\n${formatTable(tokenColumns, [token], world.width)}`);
    if (token.keys.length > 0) world.print(formatTable(keyColumns, token.keys, undefined));
    if (token.certificates.length > 0) world.print(formatTable(certificateColumns, token.certificates, world.width));
  }
  return 0;
};

const identityColumns: readonly Column<IdentityDetails>[] = [
  { title: "NAME", cell: (one) => one.name },
  { title: "KIND", cell: (one) => one.kind },
  { title: "STATE", cell: (one) => one.state },
  { title: "SUBJECT", cell: (one) => one.subject ?? "", shrinksTo: 12 },
  { title: "ISSUER", cell: (one) => one.issuer ?? "", shrinksTo: 12 },
  { title: "EXPIRES", cell: (one) => (one.expiresAt === undefined ? "" : formatDate(one.expiresAt)) },
  { title: "PROBLEM", cell: (one) => one.problem ?? "", shrinksTo: 20 },
];

const tokenColumns: readonly Column<Token>[] = [
  { title: "TOKEN", cell: (one) => one.label },
  { title: "SERIAL", cell: (one) => one.serial },
  { title: "MODEL", cell: (one) => `${one.manufacturer} ${one.model}`, shrinksTo: 8 },
  { title: "PIN", cell: (one) => (one.loggedIn ? "logged in" : one.pin === "unknown-tries" ? "" : one.pin.replace("-", " ")) },
];

const keyColumns: readonly Column<Token["keys"][number]>[] = [
  { title: "KEY", cell: (one) => one.label },
  { title: "TYPE", cell: (one) => one.type },
  { title: "URI", cell: (one) => one.uri },
];

const certificateColumns: readonly Column<Token["certificates"][number]>[] = [
  { title: "CERTIFICATE", cell: (one) => one.label },
  { title: "SUBJECT", cell: (one) => one.subject, shrinksTo: 12 },
  { title: "ISSUER", cell: (one) => one.issuer, shrinksTo: 12 },
  { title: "EXPIRES", cell: (one) => formatDate(one.expiresAt) },
];
