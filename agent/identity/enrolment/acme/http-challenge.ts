import http from "node:http";
import { AgentError, formatCause } from "../../../base/index.ts";

const prefix = "/.well-known/acme-challenge/";

/**
 * Shows proofs by `http-01` (RFC 8555 section 8.3) while `use` runs, and nothing else. Rejects with AgentError (ENROL_REFUSED) when the
 * address cannot be listened on.
 */
export async function withProofs<T>(
  { host, port }: { readonly host: string; readonly port: number },
  proofs: ReadonlyMap<string, string>,
  use: () => Promise<T>,
): Promise<T> {
  const server = http.createServer((request, response) => {
    const path = request.url ?? "";
    const proof = path.startsWith(prefix) ? proofs.get(path.slice(prefix.length)) : undefined;
    response.writeHead(proof === undefined ? 404 : 200, { "content-type": "application/octet-stream", connection: "close" });
    response.end(proof);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) =>
      reject(new AgentError("ENROL_REFUSED", `\`http_challenge\` cannot listen: ${formatCause(cause)}`, { cause })),
    );
    server.listen(port, host, resolve);
  });
  try {
    return await use();
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
