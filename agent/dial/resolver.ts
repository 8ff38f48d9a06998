import { lookup, promises } from "node:dns";
import { type DialFailure, dialFailed } from "./dialler.ts";

/** Addresses in order of preference; at least one. */
export type Resolved = { readonly kind: "resolved"; readonly addresses: readonly string[] } | DialFailure;

/** Turns a canonical name into addresses. Never rejects. */
export type Resolve = (name: string) => Promise<Resolved>;

/** Answers that say "there is no such name", as opposed to "I do not know". */
const NOT_FOUND: ReadonlySet<string> = new Set(["ENOTFOUND", "ENODATA", "EAI_NONAME", "EAI_NODATA", "NOTFOUND", "NODATA"]);

/**
 * The operating system's resolver, with its hosts file, its search rules and its order of addresses (RFC 6724). It keeps a thread busy
 * while it works, so equal questions that are asked at the same time share one.
 */
export function createSystemResolver(): Resolve {
  return shareEqualQuestions(
    (name) =>
      new Promise((resolve) => {
        lookup(name, { all: true, order: "verbatim" }, (cause, found) => {
          if (cause !== null) resolve(failureOf(name, cause));
          else
            resolve(
              answerOf(
                name,
                found.map(({ address }) => address),
              ),
            );
        });
      }),
  );
}

/** The given name servers (`192.0.2.1`, `[2001:db8::1]:53`) instead of the system's; both families are asked at once. */
export function createServerResolver(servers: readonly string[], timeoutMs = 2000): Resolve {
  const resolver = new promises.Resolver({ timeout: timeoutMs, tries: 2 });
  resolver.setServers(servers);
  return shareEqualQuestions(async (name) => {
    const [six, four] = await Promise.allSettled([resolver.resolve6(name), resolver.resolve4(name)]);
    const addresses = [...(six.status === "fulfilled" ? six.value : []), ...(four.status === "fulfilled" ? four.value : [])];
    if (addresses.length > 0) return answerOf(name, addresses);
    // One family that could not be asked leaves it open whether the name exists.
    const causes = [six, four].flatMap((one): unknown[] => (one.status === "rejected" ? [one.reason] : []));
    return failureOf(name, causes.find((cause) => !NOT_FOUND.has(codeOf(cause))) ?? causes[0]);
  });
}

function shareEqualQuestions(ask: Resolve): Resolve {
  const asked = new Map<string, Promise<Resolved>>();
  return (name) => {
    const under = asked.get(name);
    if (under !== undefined) return under;
    const answer = ask(name).finally(() => asked.delete(name));
    asked.set(name, answer);
    return answer;
  };
}

function answerOf(name: string, addresses: readonly string[]): Resolved {
  if (addresses.length === 0) return dialFailed("DIAL_NAME_NOT_FOUND", `${name} has no address`);
  return { kind: "resolved", addresses };
}

function failureOf(name: string, cause: unknown): DialFailure {
  const code = codeOf(cause);
  return NOT_FOUND.has(code)
    ? dialFailed("DIAL_NAME_NOT_FOUND", `${name} does not exist`)
    : dialFailed("DIAL_NAME_FAILED", `${name} could not be looked up (${code})`);
}

function codeOf(cause: unknown): string {
  return (cause as NodeJS.ErrnoException | undefined)?.code ?? "unknown error";
}
