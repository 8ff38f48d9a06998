import { UsageMistake } from "./usage-mistake.ts";
import type { Words } from "./words.ts";

/** A hypothetical request as the flags describe it. */
export interface RequestWords {
  readonly host: string;
  readonly port: number;
  readonly protocol: string;
  /** From `--set`, not yet judged by type. */
  readonly attributes: Readonly<Record<string, string>>;
}

export function readRequestWords(words: Words): RequestWords {
  return {
    host: words.required("host"),
    port: words.integer("port", { min: 1, max: 65_535 }) ?? Number(words.required("port")),
    protocol: words.value("protocol") ?? "socks5",
    attributes: Object.fromEntries(words.values("set").map(readAttribute)),
  };
}

function readAttribute(word: string): readonly [string, string] {
  const [, name, value] = /^([a-z][\w.]*)=(.*)$/is.exec(word) ?? [];
  if (name === undefined || value === undefined) {
    throw new UsageMistake(`--set takes ATTR=VALUE, not ${JSON.stringify(word)}`, "for example --set client.exe=/usr/bin/ssh");
  }
  return [name, value];
}
