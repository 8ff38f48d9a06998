import { FrameReader } from "./frame-reader.ts";
import { LanguageServer, type LanguageServerOptions } from "./language-server.ts";

export interface EditorSession extends LanguageServerOptions {
  /** What the editor writes; its end, or its failure, ends the session. */
  readonly input: AsyncIterable<Uint8Array>;
}

/** Serve one editor until it says goodbye or goes away. True when it had asked for the shutdown first, as the protocol wants. */
export async function serveEditor({ input, ...options }: EditorSession): Promise<boolean> {
  const server = new LanguageServer(options);
  const reader = new FrameReader();
  try {
    for await (const chunk of input) {
      for (const frame of reader.read(chunk)) server.receive(frame);
      if (server.ended !== undefined) break;
    }
  } catch {
    // An editor that was killed leaves a broken pipe: it went away, no more.
  }
  server.end();
  return server.ended?.well === true;
}
