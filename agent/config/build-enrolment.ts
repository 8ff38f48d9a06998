import { resolve } from "node:path";
import { parseDuration } from "../base/index.ts";
import type { ConfigFileEnrolment } from "../contract/index.ts";
import { authoritiesAt } from "./authorities.ts";
import type { EnrolmentConfig } from "./config.ts";
import { parseHostPort } from "./listen-address.ts";

/** From the file's words to the agent's nouns. The file has been checked. */
export function buildEnrolment(enroll: ConfigFileEnrolment, directory: string): EnrolmentConfig {
  const { common_name: commonName, organization, unit, country } = enroll.subject ?? {};
  return {
    url: enroll.url,
    ...(enroll.ca === undefined ? {} : { ca: [enroll.ca].flat().map((one) => authoritiesAt(one, directory)) }),
    ...(enroll.server_name === undefined ? {} : { serverName: enroll.server_name }),
    subject: {
      ...(commonName === undefined ? {} : { commonName }),
      ...(organization === undefined ? {} : { organization }),
      ...(unit === undefined ? {} : { unit }),
      ...(country === undefined ? {} : { country }),
    },
    names: enroll.names ?? [],
    algorithm: enroll.algorithm,
    ...(enroll.renew_before === undefined ? {} : { renewBeforeMs: parseDuration(enroll.renew_before) ?? 0 }),
    by: endpointOf(enroll, directory),
  };
}

function endpointOf(enroll: ConfigFileEnrolment, directory: string): EnrolmentConfig["by"] {
  const secretAt = (reference: string): string => resolve(directory, reference.replace(/^file:/, ""));
  switch (enroll.kind) {
    case "est":
      return {
        kind: "est",
        ...(enroll.username === undefined ? {} : { username: enroll.username }),
        ...(enroll.password === undefined ? {} : { passwordPath: secretAt(enroll.password) }),
      };
    case "step-ca":
      return { kind: "step-ca", ...(enroll.token === undefined ? {} : { tokenPath: secretAt(enroll.token) }) };
    case "acme":
      return {
        kind: "acme",
        accountPath: resolve(directory, enroll.account),
        httpChallenge: parseHostPort(enroll.http_challenge) ?? { host: "0.0.0.0", port: 80 },
        ...(enroll.contact === undefined ? {} : { contact: enroll.contact }),
        ...(enroll.external_account === undefined ? {} : { externalAccount: enroll.external_account }),
        ...(enroll.mac === undefined ? {} : { macPath: secretAt(enroll.mac) }),
      };
  }
}
