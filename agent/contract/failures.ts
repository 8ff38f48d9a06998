/**
 * The one table of everything that can go wrong, as people and programs meet it.
 *
 * A code is `STAGE_REASON` and lives forever: it is never renamed, only retired. Sentences may improve. Every face
 * (SOCKS reply, HTTP status, exit code, screen) maps the whole table with `satisfies Record<FailureCode, …>`, so a new
 * code does not compile until each face can say it. docs/failures.md is checked against this table.
 */

/** Where on a connection's path, or in the agent's life, the failure happens. */
export type Stage = "accept" | "handshake" | "judge" | "record" | "route" | "dial" | "carry" | "agent" | "config" | "control" | "policy";

/** Whose action mends it. */
export type Fault = "person" | "administrator" | "peer" | "us";

export interface Failure {
  readonly stage: Stage;
  readonly fault: Fault;
  /** Whether the same attempt can succeed: at once, after a while, after somebody acted, or never. */
  readonly retry: "now" | "later" | "after-remedy" | "never";
  readonly severity: "info" | "notice" | "warning" | "error";
  /** What happened, for a person. */
  readonly sentence: string;
  /** What to do about it, for the same person. */
  readonly remedy: string;
}

const failure = (
  stage: Stage,
  fault: Fault,
  retry: Failure["retry"],
  severity: Failure["severity"],
  sentence: string,
  remedy: string,
): Failure => ({ stage, fault, retry, severity, sentence, remedy });

export const failures = {
  ACCEPT_OTHER_USER: failure("accept", "person", "never", "warning", "This listener serves other users of this machine.", "Use your own agent, or ask for your name in the listener's `users`."),
  ACCEPT_UNKNOWN_USER: failure("accept", "us", "now", "warning", "It could not be found out which user opened this connection.", "Try again; programs that can use a Unix socket are always recognised."),
  ACCEPT_OVERLOADED: failure("accept", "us", "later", "warning", "Too many connections are open.", "Close some, or raise `limits.connections`."),
  HANDSHAKE_TIMEOUT: failure("handshake", "person", "now", "info", "The program did not finish its request in time.", "Try again; if it happens often, look at the program."),
  HANDSHAKE_GONE: failure("handshake", "person", "now", "info", "The program closed the connection before its request was complete.", "Nothing to do."),
  HANDSHAKE_PROTOCOL: failure("handshake", "person", "never", "notice", "The first bytes belong to no protocol that this listener serves.", "Set the program to SOCKS5 or to an HTTP proxy."),
  SOCKS_VERSION: failure("handshake", "person", "never", "notice", "Only SOCKS version 5 is served.", "Set the program to SOCKS5 (socks5h)."),
  SOCKS_METHOD: failure("handshake", "person", "never", "notice", "The program offers no login method that this listener takes.", "Allow it to connect without a login, or with user name and password."),
  SOCKS_AUTH: failure("handshake", "person", "after-remedy", "warning", "The user name or password is wrong.", "Correct the proxy login of the program."),
  SOCKS_COMMAND: failure("handshake", "person", "never", "notice", "This SOCKS command is not served.", "Use CONNECT."),
  SOCKS_ADDRESS: failure("handshake", "person", "never", "notice", "The address in the SOCKS request cannot be read.", "Use a host name, an IPv4 or an IPv6 address."),
  HTTP_BAD_REQUEST: failure("handshake", "person", "never", "notice", "The HTTP request is malformed.", "Look at the program that sent it; the detail names the place."),
  HTTP_HEAD_TOO_LARGE: failure("handshake", "person", "never", "notice", "The head of the HTTP request is too large.", "Send fewer or shorter header fields."),
  HTTP_NOT_PROXY: failure("handshake", "person", "never", "notice", "This is a proxy; the request names no other server.", "Set this address as the program's proxy instead of opening it."),
  HTTP_METHOD: failure("handshake", "person", "never", "notice", "This HTTP method or upgrade cannot be forwarded.", "Use CONNECT for protocols other than HTTP."),
  HTTP_AUTH: failure("handshake", "person", "after-remedy", "notice", "This listener asks for a proxy login.", "Set the proxy login of the program."),
  HTTP_LOOP: failure("handshake", "administrator", "never", "warning", "The request has passed this proxy before.", "Look for proxies that point at each other."),
  REQUEST_HOST: failure("handshake", "person", "never", "notice", "The name of the destination is not a valid host name or address.", "Correct the address."),
  POLICY_DENIED: failure("judge", "administrator", "after-remedy", "notice", "The policy does not allow this connection.", "See the explanation; the incident number finds it."),
  POLICY_REDIRECT: failure("judge", "person", "never", "notice", "This service has moved.", "Follow the link."),
  POLICY_STEP_UP: failure("judge", "person", "after-remedy", "notice", "A fresh or stronger sign-in is needed.", "Sign in again with `portail login`."),
  POLICY_CHALLENGE: failure("judge", "person", "after-remedy", "notice", "This connection must be confirmed first.", "Confirm it in Portail."),
  POLICY_UNDECIDABLE: failure("judge", "us", "later", "error", "It could not be found out whether this is allowed.", "Try again; if it persists, report the incident number."),
  POLICY_HOLD_EXPIRED: failure("judge", "person", "now", "notice", "The question was not answered in time.", "Try again and answer within the time shown."),
  RECORD_UNAVAILABLE: failure("record", "administrator", "after-remedy", "error", "The audit record cannot be written, so nothing is let through.", "Free disk space or mend the state directory; `portail status` shows the cause."),
  ROUTE_NONE: failure("route", "administrator", "after-remedy", "error", "No way out is configured for this destination.", "Add a route to the policy or a backend to the configuration."),
  ROUTE_BACKEND_UNKNOWN: failure("route", "administrator", "after-remedy", "error", "The policy names a way out that is not configured.", "Add it under `backends`, or correct the route."),
  DIAL_NAME_NOT_FOUND: failure("dial", "person", "after-remedy", "notice", "The host name does not exist.", "Check the spelling."),
  DIAL_NAME_FAILED: failure("dial", "peer", "later", "warning", "The name server did not answer.", "Check the network connection."),
  DIAL_REFUSED: failure("dial", "peer", "later", "notice", "The server refused the connection.", "Check the port; the service may be down."),
  DIAL_UNREACHABLE: failure("dial", "peer", "later", "warning", "The server cannot be reached from this network.", "Check the network connection."),
  DIAL_TIMEOUT: failure("dial", "peer", "later", "warning", "The server did not answer in time.", "Try again; a firewall may be in the way."),
  DIAL_RESET: failure("dial", "peer", "later", "notice", "The server broke the connection off.", "Try again."),
  DIAL_LOOP: failure("dial", "administrator", "never", "warning", "The destination is this agent itself.", "Correct the address."),
  DIAL_ADDRESS_DENIED: failure("dial", "administrator", "never", "warning", "The name leads to an address that the policy does not allow.", "See the explanation; the name may have been tampered with."),
  DIAL_RESOURCES: failure("dial", "us", "later", "error", "This machine has no free port or descriptor for the connection.", "Close some connections."),
  DIAL_PROTOCOL: failure("dial", "peer", "later", "warning", "The way out answered with something that could not be understood.", "Report it to the operator of the way out."),
  CARRY_IDLE: failure("carry", "person", "now", "info", "The connection was silent for too long.", "Open it again."),
  CARRY_LIFETIME: failure("carry", "administrator", "now", "info", "The connection reached its longest allowed life.", "Open it again."),
  CARRY_CLIENT_RESET: failure("carry", "person", "now", "info", "The program broke the connection off.", "Nothing to do."),
  CARRY_SERVER_RESET: failure("carry", "peer", "now", "info", "The server broke the connection off.", "Open it again."),
  CARRY_POLICY_CHANGED: failure("carry", "administrator", "after-remedy", "notice", "The connection was ended because it is no longer allowed.", "See the explanation."),
  CARRY_CLOSED_BY_PERSON: failure("carry", "person", "now", "info", "The connection was closed from Portail.", "Open it again."),
  CARRY_INTERRUPTED: failure("carry", "us", "now", "notice", "The agent ended while the connection was open.", "Open it again."),
  AGENT_DRAINING: failure("agent", "us", "later", "info", "The agent is stopping and takes no new connections.", "Try again in a moment."),
  AGENT_RUNNING: failure("agent", "person", "after-remedy", "error", "Another agent runs on this state directory.", "Stop it with `portail stop`, or choose another --state-dir."),
  AGENT_UNREACHABLE: failure("agent", "person", "after-remedy", "error", "No agent answers on this state directory.", "Start it with `portail run`."),
  AGENT_STATE_DIR: failure("agent", "administrator", "after-remedy", "error", "The state directory cannot be used.", "It must be yours alone and writable."),
  AGENT_LISTEN: failure("agent", "administrator", "after-remedy", "error", "A listener cannot be opened.", "Choose another port, or stop the program that holds it."),
  CONFIG_INVALID: failure("config", "administrator", "after-remedy", "error", "The configuration file has mistakes.", "Mend the places named; the last good configuration stays in force."),
  CONFIG_UNREADABLE: failure("config", "administrator", "after-remedy", "error", "The configuration file cannot be read.", "Check its path and permissions."),
  POLICY_INVALID: failure("policy", "administrator", "after-remedy", "error", "The policy file has mistakes.", "Mend the places named; the last good policy stays in force."),
  POLICY_UNREADABLE: failure("policy", "administrator", "after-remedy", "error", "The policy file cannot be read.", "Check its path and permissions."),
  POLICY_TESTS_FAILED: failure("policy", "administrator", "after-remedy", "error", "The policy's own tests do not pass.", "`portail policy test` shows which; the last good policy stays in force."),
  CONTROL_DENIED: failure("control", "person", "after-remedy", "warning", "This caller may not do that.", "The detail names the permission that is needed."),
  CONTROL_BAD_CALL: failure("control", "person", "never", "notice", "The control message is malformed.", "Use a client of the same version."),
  CONTROL_VERSION: failure("control", "person", "after-remedy", "error", "The client and the agent speak different versions.", "Restart the older of the two."),
  CONTROL_NOT_FOUND: failure("control", "person", "never", "notice", "There is no such thing.", "It may have ended; list again."),
  INTERNAL: failure("agent", "us", "later", "error", "Something went wrong inside the agent.", "Report it with the incident number."),
} as const satisfies Record<string, Failure>;

export type FailureCode = keyof typeof failures;

export const failureCodes = Object.keys(failures) as readonly FailureCode[];
