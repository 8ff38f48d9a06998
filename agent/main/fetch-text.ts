import { AgentError } from "../base/index.ts";

export interface FetchTextOptions {
  /** PEM; absent: the runtime's authorities. */
  readonly ca?: readonly string[] | undefined;
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/**
 * The text behind an `https:` URL, asked for directly and without following anybody elsewhere. Rejects with AgentError. The runtime's client
 * is loaded with the first text: it takes 6 MB.
 */
export async function fetchText(url: string, { ca, timeoutMs, maxBytes }: FetchTextOptions): Promise<string> {
  const { get } = await import("node:https");
  return new Promise((resolve, reject) => {
    const fail = (detail: string, cause?: unknown): void => reject(new AgentError("DIAL_BACKEND_DOWN", `${url}: ${detail}`, { cause }));
    const roots = ca === undefined ? {} : { ca: [...ca] };
    // SECURITY: said, because NODE_TLS_REJECT_UNAUTHORIZED changes the default.
    const options = { agent: false, rejectUnauthorized: true, signal: AbortSignal.timeout(timeoutMs), ...roots };
    const request = get(url, options, (response) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      if (response.statusCode !== 200) {
        request.destroy();
        return fail(`the server answered ${response.statusCode ?? "nothing"}`);
      }
      response.on("data", (part: Buffer) => {
        bytes += part.length;
        if (bytes > maxBytes) request.destroy(new Error("it is too large"));
        else parts.push(part);
      });
      response.on("error", (cause) => fail(cause.message, cause));
      return response.on("end", () => resolve(Buffer.concat(parts).toString("utf8")));
    });
    request.on("error", (cause) => fail(cause.message, cause));
  });
}
