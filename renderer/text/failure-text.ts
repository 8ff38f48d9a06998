import { type FailureCode, failures } from "../../agent/contract/index.ts";

/** A few words for a column; the whole sentence and the remedy are the table's own. A new code does not compile until it has its words here. */
const shortWords = {
  ACCEPT_OTHER_USER: "other user",
  ACCEPT_UNKNOWN_USER: "unknown user",
  ACCEPT_OVERLOADED: "too many connections",
  HANDSHAKE_TIMEOUT: "request too slow",
  HANDSHAKE_GONE: "program went away",
  HANDSHAKE_PROTOCOL: "unknown protocol",
  SOCKS_VERSION: "SOCKS version",
  SOCKS_METHOD: "no common login method",
  SOCKS_AUTH: "wrong proxy login",
  SOCKS_COMMAND: "SOCKS command",
  SOCKS_ADDRESS: "unreadable address",
  HTTP_BAD_REQUEST: "malformed request",
  HTTP_HEAD_TOO_LARGE: "request head too large",
  HTTP_NOT_PROXY: "not a proxy request",
  HTTP_METHOD: "method not forwarded",
  HTTP_AUTH: "proxy login needed",
  HTTP_LOOP: "proxy loop",
  REQUEST_HOST: "invalid name",
  POLICY_DENIED: "refused by policy",
  POLICY_REDIRECT: "moved",
  POLICY_STEP_UP: "sign-in needed",
  POLICY_CHALLENGE: "confirmation needed",
  POLICY_UNDECIDABLE: "could not be decided",
  POLICY_HOLD_EXPIRED: "not answered in time",
  RECORD_UNAVAILABLE: "no audit record",
  RECORD_DAMAGED: "audit record damaged",
  ROUTE_NONE: "no way out",
  ROUTE_BACKEND_UNKNOWN: "unknown way out",
  DIAL_NAME_NOT_FOUND: "name not found",
  DIAL_NAME_FAILED: "name server silent",
  DIAL_REFUSED: "refused by server",
  DIAL_UNREACHABLE: "unreachable",
  DIAL_TIMEOUT: "server too slow",
  DIAL_RESET: "broken off by server",
  DIAL_LOOP: "leads back here",
  DIAL_ADDRESS_DENIED: "address not allowed",
  DIAL_RESOURCES: "no free port",
  DIAL_PROTOCOL: "way out misunderstood",
  IDENTITY_ABSENT: "token is not there",
  IDENTITY_PIN: "PIN missing or wrong",
  IDENTITY_LOCKED: "token is locked",
  IDENTITY_KEY: "identity unusable",
  IDENTITY_REFUSED: "key did not sign",
  IDENTITY_MODULE: "token software failed",
  IDENTITY_TIMEOUT: "token did not answer",
  CARRY_IDLE: "silent too long",
  CARRY_LIFETIME: "longest life reached",
  CARRY_CLIENT_RESET: "broken off by program",
  CARRY_SERVER_RESET: "broken off by server",
  CARRY_POLICY_CHANGED: "no longer allowed",
  CARRY_CLOSED_BY_PERSON: "closed by you",
  CARRY_INTERRUPTED: "agent ended",
  AGENT_DRAINING: "agent stopping",
  AGENT_RUNNING: "agent already running",
  AGENT_UNREACHABLE: "agent not reachable",
  AGENT_STATE_DIR: "state directory",
  AGENT_LISTEN: "listener not open",
  CONFIG_INVALID: "configuration mistakes",
  CONFIG_UNREADABLE: "configuration unreadable",
  POLICY_INVALID: "policy mistakes",
  POLICY_UNREADABLE: "policy unreadable",
  POLICY_TESTS_FAILED: "policy tests fail",
  CONTROL_DENIED: "not permitted",
  CONTROL_BAD_CALL: "malformed call",
  CONTROL_VERSION: "versions differ",
  CONTROL_NOT_FOUND: "not there",
  INTERNAL: "internal error",
} as const satisfies Record<FailureCode, string>;

export interface FailureText {
  readonly short: string;
  readonly sentence: string;
  readonly remedy: string;
}

export function failureText(code: FailureCode): FailureText {
  const { sentence, remedy } = failures[code];
  return { short: shortWords[code], sentence, remedy };
}
