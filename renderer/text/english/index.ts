import { audit } from "./audit.ts";
import { common } from "./common.ts";
import { connections } from "./connections.ts";
import { explanation } from "./explanation.ts";
import { identities } from "./identities.ts";
import { policy } from "./policy.ts";
import { questions } from "./questions.ts";
import { settings } from "./settings.ts";
import { shell } from "./shell.ts";
import { status } from "./status.ts";

/** All sentences in English. */
export const english = { common, shell, status, connections, explanation, policy, audit, settings, identities, questions };
