import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { promisify } from "node:util";

const run = promisify(execFile);
const GETENT_TIMEOUT_MS = 2000;
const REMEMBERED = 1024;

/** A line of passwd(5): `name:password:uid:gid:comment:home:shell`. */
export function parsePasswdLine(line: string): { readonly name: string; readonly uid: number } | undefined {
  const [name, , uid] = line.split(":");
  return name !== undefined && name !== "" && uid !== undefined && /^\d{1,10}$/.test(uid) ? { name, uid: Number(uid) } : undefined;
}

export interface UserNames {
  /** The name of a user, or `undefined` when nobody knows it. */
  nameOf(uid: number): Promise<string | undefined>;
  /** The uid of a name, or `undefined` when there is no such user. */
  uidOf(name: string): Promise<number | undefined>;
}

/** Reads the system's table of users; `getent` or `id` for those who live in a directory service. Answers are remembered. */
export function createUserNames(
  readPasswd: () => Promise<string> = readPasswdFile,
  lookUp: (key: string) => Promise<string> = runGetent,
): UserNames {
  const names = new Map<number, Promise<string | undefined>>();
  const uids = new Map<string, Promise<number | undefined>>();

  const findUser = async (key: string | number): Promise<{ readonly name: string; readonly uid: number } | undefined> => {
    const matches = (line: string): boolean => {
      const user = parsePasswdLine(line);
      return user !== undefined && (user.name === key || user.uid === key);
    };
    const line =
      (await readPasswd().catch(() => "")).split("\n").find(matches) ??
      (await lookUp(String(key)).catch(() => "")).split("\n").find(matches);
    return line === undefined ? undefined : parsePasswdLine(line);
  };

  return {
    nameOf: (uid) => remember(names, uid, async () => (uid === process.getuid?.() ? userInfo().username : (await findUser(uid))?.name)),
    uidOf: (name) => remember(uids, name, async () => (await findUser(name))?.uid),
  };
}

/** Answers are kept, "nobody" is not: the user may be made the next minute. */
function remember<K, V>(known: Map<K, Promise<V | undefined>>, key: K, find: () => Promise<V | undefined>): Promise<V | undefined> {
  const before = known.get(key);
  if (before !== undefined) return before;
  if (known.size >= REMEMBERED) known.clear();
  const asked = find().then(
    (found) => {
      if (found === undefined) known.delete(key);
      return found;
    },
    () => {
      known.delete(key);
      return undefined;
    },
  );
  known.set(key, asked);
  return asked;
}

async function readPasswdFile(): Promise<string> {
  return readFile("/etc/passwd", "utf8");
}

/** macOS has no getent; `id -P` prints the same line. */
async function runGetent(key: string): Promise<string> {
  const [command, args] = process.platform === "darwin" ? (["id", ["-P", key]] as const) : (["getent", ["passwd", "--", key]] as const);
  const { stdout } = await run(command, [...args], { timeout: GETENT_TIMEOUT_MS });
  return stdout;
}
