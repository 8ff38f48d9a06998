import { readFile } from "node:fs/promises";
import { AgentError, type Clock, formatCause } from "../../base/index.ts";
import type { AskPin } from "../person.ts";
import type { DiagnoseTls } from "../tell-handshake.ts";
import { createAcme } from "./acme/acme.ts";
import type { ExternalAccount } from "./acme/acme-session.ts";
import type { Authority } from "./authority.ts";
import { createAskEndpoint } from "./ask-endpoint.ts";
import type { EnrolmentPlan } from "./enrolment-plan.ts";
import { createEst } from "./est.ts";
import { createStepCa } from "./step-ca.ts";

export interface AuthorityRooms {
  readonly clock: Clock;
  readonly diagnose: DiagnoseTls;
  readonly askPin: AskPin;
}

/** The endpoint of a plan, ready to be asked. */
export function createAuthority(name: string, plan: EnrolmentPlan, rooms: AuthorityRooms): Authority {
  const { url, by, ca, serverName } = plan;
  const ask = createAskEndpoint({ ...(ca === undefined ? {} : { ca }), ...(serverName === undefined ? {} : { serverName }) }, rooms);
  switch (by.kind) {
    case "est": {
      const { username, passwordPath } = by;
      return createEst({ url, ask, password: () => readSecret(passwordPath), ...(username === undefined ? {} : { username }) });
    }
    case "step-ca": {
      const { tokenPath } = by;
      const token = () => (tokenPath === undefined ? askForToken(name, url, rooms.askPin) : readSecret(tokenPath));
      return createStepCa({ url, ask, token });
    }
    case "acme":
      return createAcme({ url, ask, names: plan.names, clock: rooms.clock, ...by, external: () => externalAccountOf(by) });
  }
}

async function externalAccountOf(by: Extract<EnrolmentPlan["by"], { readonly kind: "acme" }>): Promise<ExternalAccount | undefined> {
  const { externalAccount: id, macPath } = by;
  return id === undefined ? undefined : { id, mac: await readSecret(macPath) };
}

/** Read for each attempt, so that a renewed secret counts at once. A line end belongs to the editor. */
async function readSecret(file: string | undefined): Promise<string> {
  if (file === undefined) return "";
  try {
    return (await readFile(file, "utf8")).replace(/\r?\n$/, "");
  } catch (cause) {
    throw new AgentError("ENROL_LOGIN", `the secret for the authority cannot be read: ${formatCause(cause)}`, { cause });
  }
}

async function askForToken(identity: string, url: string, askPin: AskPin): Promise<string> {
  const host = new URL(url).host;
  const given = await askPin({ identity, token: host, why: "needed", tries: "unknown", isForOneUse: true, wants: "one-time token" });
  if (given === undefined) throw new AgentError("ENROL_LOGIN", `no one-time token for ${host} was given`);
  const text = Buffer.from(given.buffer, given.byteOffset, given.byteLength).toString("utf8").trim();
  given.fill(0);
  return text;
}
