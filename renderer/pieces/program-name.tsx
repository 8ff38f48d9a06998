import { formatPrintable, useText } from "../text/index.ts";
import { formatProgram } from "./connection-name.ts";

/** How many tints the arches of programs have; a program keeps its tint. */
const tints = 6;

function tintOf(name: string): number {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 9973;
  return sum % tints;
}

/** A small arch with the program's letter: enough to find one's place in a list, without reading icons of strangers from the disk. */
export function ProgramArch({ path }: { readonly path: string | undefined }) {
  const name = formatProgram(path);
  const letter = /[\p{L}\p{N}]/u.exec(name ?? "")?.[0]?.toUpperCase() ?? "?";
  return (
    <span className={`arch arch-${name === undefined ? "none" : tintOf(name)}`} aria-hidden="true">
      {letter}
    </span>
  );
}

export function ProgramName({ path }: { readonly path: string | undefined }) {
  const { t } = useText();
  const name = formatProgram(path);
  return (
    <span className="program" title={path === undefined ? undefined : formatPrintable(path)}>
      <ProgramArch path={path} />
      <bdi className={name === undefined ? "ellipsis quiet" : "ellipsis"}>{name ?? t.common.unknownProgram}</bdi>
    </span>
  );
}
