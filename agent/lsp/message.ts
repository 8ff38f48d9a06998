import { z } from "zod";

/** JSON-RPC 2.0, section 5.1, and Language Server Protocol 3.17, "ErrorCodes". */
export const errorCodes = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  serverNotInitialized: -32002,
} as const;

export type MessageId = number | string;

/** What the other side said. */
export type Message =
  | { readonly kind: "request"; readonly id: MessageId; readonly method: string; readonly params: unknown }
  | { readonly kind: "notification"; readonly method: string; readonly params: unknown }
  /** An answer to something that we asked. */
  | { readonly kind: "answer" }
  | { readonly kind: "bad"; readonly id: MessageId | null; readonly code: number; readonly why: string };

const idSchema = z.union([z.number(), z.string().max(1000)]);
const callSchema = z.object({
  jsonrpc: z.literal("2.0"),
  id: idSchema.optional(),
  method: z.string().max(1000),
  params: z.unknown().optional(),
});
const answerSchema = z.object({ jsonrpc: z.literal("2.0"), id: idSchema.nullable(), method: z.undefined() });

/** A body as a message. It never throws, whatever the bytes. */
export function readMessage(body: Uint8Array): Message {
  const json = parseJson(body);
  if (json === undefined) return { kind: "bad", id: null, code: errorCodes.parseError, why: "this is not JSON in UTF-8" };
  const call = callSchema.safeParse(json.value);
  if (call.success) {
    const { id, method, params } = call.data;
    return id === undefined ? { kind: "notification", method, params } : { kind: "request", id, method, params };
  }
  if (answerSchema.safeParse(json.value).success) return { kind: "answer" };
  return { kind: "bad", id: idOf(json.value), code: errorCodes.invalidRequest, why: "this is no JSON-RPC 2.0 message" };
}

function parseJson(body: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)) };
  } catch {
    return undefined;
  }
}

/** A request that is wrong is still answered by its number. */
function idOf(value: unknown): MessageId | null {
  const found = z.object({ id: idSchema }).safeParse(value);
  return found.success ? found.data.id : null;
}

/** A message as a frame. JSON escapes lone surrogates, so the text is always well-formed UTF-8. */
export function writeFrame(message: object): string {
  const json = JSON.stringify({ jsonrpc: "2.0", ...message });
  return `Content-Length: ${new TextEncoder().encode(json).length}\r\n\r\n${json}`;
}
