import type { X509Certificate } from "node:crypto";
import { type Clock, formatCause, type Logger } from "../base/index.ts";
import type { Snapshot } from "../config/index.ts";
import { describePeer, type Judge } from "../dial/index.ts";
import { Sandbox, SandboxBroken } from "../sandbox/index.ts";

/** A script of the administrator's that judges servers. */
export interface VerifyScript {
  readonly path: string;
  readonly text: string;
}

/** What a script is told beside the certificates. */
export interface JudgedServer {
  readonly serverName: string;
  readonly host: string;
  readonly port: number;
}

interface Known {
  readonly until: number;
  readonly why: Promise<string | undefined>;
}

/** Servers are met many times in a row; what a script says about one certificate holds for a moment. */
const KEEP_MS = 30_000;
/** A script that broke down may have been unlucky; so many who wait together still get one answer. */
const KEEP_BROKEN_MS = 1000;
const MOST_KEPT = 256;
const LONGEST_WORDS = 300;

/** The scripts of `verify`, each in a sandbox of its own that is started by the first server to be judged. */
export class VerifyPlugins {
  readonly #rooms: { readonly clock: Clock; readonly logger: Logger };
  readonly #sandboxes = new Map<string, Sandbox>();
  readonly #known = new Map<string, Known>();

  constructor(rooms: { readonly clock: Clock; readonly logger: Logger }) {
    this.#rooms = rooms;
  }

  judge(script: VerifyScript, server: JudgedServer): Judge {
    return (peer) => this.#judge(script, server, peer);
  }

  /** End the scripts that a snapshot no longer names, or names with another text. */
  follow({ config, pem }: Snapshot): void {
    const personas = config.listeners.flatMap((listener) => (listener.kind === "persona" ? [listener] : []));
    const paths = [...config.backends, ...personas].flatMap(({ tls }) => tls?.verifyPath ?? []);
    const wanted = new Set(paths.map((path) => nameOf({ path, text: pem.get(path) ?? "" })));
    for (const [name, sandbox] of this.#sandboxes) {
      if (wanted.has(name)) continue;
      sandbox.retire();
      this.#sandboxes.delete(name);
    }
  }

  close(): void {
    for (const sandbox of this.#sandboxes.values()) sandbox.close();
    this.#sandboxes.clear();
  }

  #judge(script: VerifyScript, server: JudgedServer, peer: X509Certificate): Promise<string | undefined> {
    const { clock } = this.#rooms;
    const key = JSON.stringify([nameOf(script), server, peer.fingerprint256]);
    const known = this.#known.get(key);
    if (known !== undefined && known.until > clock.monotonic()) return known.why;
    const keep = (why: Promise<string | undefined>, keepMs: number): void => {
      this.#known.delete(key);
      this.#known.set(key, { why, until: clock.monotonic() + keepMs });
      const [oldest] = this.#known.keys();
      if (this.#known.size > MOST_KEPT && oldest !== undefined) this.#known.delete(oldest);
    };
    const why = this.#ask(script, server, peer).catch((cause: unknown) => {
      // SECURITY: a judge that cannot judge has not said yes.
      const refusal = `${script.path} ${cause instanceof SandboxBroken ? oneLine(cause.message) : formatCause(cause)}`;
      keep(Promise.resolve(refusal), KEEP_BROKEN_MS);
      return refusal;
    });
    keep(why, KEEP_MS);
    return why;
  }

  async #ask(script: VerifyScript, server: JudgedServer, peer: X509Certificate): Promise<string | undefined> {
    const said = await this.#sandboxOf(script).ask([{ ...server, chain: describePeer(peer) }]);
    if (said === true) return undefined;
    if (said === false) return `${script.path} refused it`;
    if (typeof said === "string") return oneLine(said) || `${script.path} refused it without a word`;
    return `${script.path} answered neither true, false nor a text`;
  }

  #sandboxOf(script: VerifyScript): Sandbox {
    const known = this.#sandboxes.get(nameOf(script));
    if (known !== undefined) return known;
    const made = new Sandbox({ name: script.path, kind: "module", text: script.text, ...this.#rooms });
    this.#sandboxes.set(nameOf(script), made);
    return made;
  }
}

function nameOf({ path, text }: VerifyScript): string {
  return JSON.stringify([path, text]);
}

/** SECURITY: a certificate's names may be in it: no line of ours may begin in them. */
function oneLine(words: string): string {
  return words
    .replaceAll(/[\0-\x1f\x7f-\x9f\u2028\u2029]+/g, " ")
    .trim()
    .slice(0, LONGEST_WORDS);
}
