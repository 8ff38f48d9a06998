import { lstat, readlink } from "node:fs/promises";
import path from "node:path";

/** One directory in which something may happen that changes what a path leads to. */
export interface Spot {
  readonly directory: string;
  /** The entry that counts; absent: all of them. */
  readonly name?: string;
  /** When that entry changed last, ms since the Unix epoch; 0 when it is not there. */
  readonly changedAt: number;
}

/** As the kernel counts: what needs more is a circle. */
const MOST_LINKS = 40;

/**
 * Everything that decides what a path leads to: the file itself, each symbolic link on the way to it, and, when something is missing, the
 * place where it would appear. Never rejects. Directories on the way that are no links are left out: what happens beside the file in `/` or `/home` is
 * nobody's business here, and being woken for it costs power.
 */
export async function spotsOf(file: string): Promise<readonly Spot[]> {
  const spots: Spot[] = [];
  let [at, ...rest] = stepsOf(file);
  for (let links = 0; rest.length > 0; ) {
    const [name = "", ...deeper] = rest;
    const directory = at ?? path.sep;
    const full = path.join(directory, name);
    const found = await lstat(full).catch(missing);
    if (found === undefined) return [...spots, { directory, name, changedAt: 0 }];
    const spot = { directory, name, changedAt: found.ctimeMs };
    if (found.isSymbolicLink()) {
      spots.push(spot);
      links += 1;
      if (links > MOST_LINKS) return spots;
      // Whoever replaces a link may take the old one away first: then the same place is looked at again.
      const leadsTo = await readlink(full).catch(missing);
      if (leadsTo !== undefined) [at, ...rest] = [...stepsOf(path.resolve(directory, leadsTo)), ...deeper];
      continue;
    }
    if (deeper.length === 0) spots.push(found.isDirectory() ? { directory: full, changedAt: found.ctimeMs } : spot);
    [at, rest] = [full, deeper];
  }
  return spots;
}

/** The root, and the names below it. */
function stepsOf(file: string): readonly string[] {
  const { root } = path.parse(file);
  return [root, ...file.slice(root.length).split(path.sep).filter(Boolean)];
}

function missing(): undefined {
  return undefined;
}
