/** One process by `/proc`: what it runs, since when, and in which unit. Synchronous: each look is one short system call. */
import { readFileSync, readlinkSync, statSync } from "node:fs";

export interface ProcessLook {
  readonly exe: string;
  readonly exeDeleted: boolean;
  readonly startTicks: number;
  readonly uid: number;
  readonly unit?: string;
}

/** `undefined` when the process is gone or belongs to somebody whose processes we may not see. */
export function lookAtProcess(pid: number): ProcessLook | undefined {
  try {
    const startTicks = readStartTicks(pid);
    if (startTicks === undefined) return undefined;
    const exe = parseExeLink(readlinkSync(`/proc/${pid}/exe`));
    const unit = parseUnit(readFileSync(`/proc/${pid}/cgroup`, "utf8"));
    return { ...exe, startTicks, uid: statSync(`/proc/${pid}`).uid, ...(unit === undefined ? {} : { unit }) };
  } catch {
    return undefined;
  }
}

/** When a process started, or `undefined` when it is gone. */
export function readStartTicks(pid: number): number | undefined {
  try {
    return parseStartTicks(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return undefined;
  }
}

/** Field 22 of proc_pid_stat(5). The program's name in field 2 may hold blanks and brackets, so counting starts at the last bracket. */
export function parseStartTicks(stat: string): number | undefined {
  const field = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  return field !== undefined && /^\d+$/.test(field) ? Number(field) : undefined;
}

/** The kernel marks a file that is gone, or was replaced by an update while the program runs. */
export function parseExeLink(link: string): { readonly exe: string; readonly exeDeleted: boolean } {
  const mark = " (deleted)";
  return link.endsWith(mark) ? { exe: link.slice(0, -mark.length), exeDeleted: true } : { exe: link, exeDeleted: false };
}

/**
 * The innermost systemd unit of a cgroup path, or the application id that desktops put into it:
 * `app-gnome-org.mozilla.firefox-4711.scope` and `app-flatpak-org.mozilla.firefox-123.scope` (systemd "Desktop Environment
 * Integration") are both `org.mozilla.firefox`.
 */
export function parseUnit(cgroup: string): string | undefined {
  const line = cgroup.split("\n").find((row) => row.startsWith("0::")) ?? cgroup.split("\n").find((row) => row.includes(":name=systemd:"));
  const path = line?.slice(line.indexOf("/"));
  const unit = path?.split("/").findLast((part) => /\.(?:service|scope)$/.test(part));
  return unit === undefined ? undefined : (parseAppId(unit) ?? unit);
}

function parseAppId(unit: string): string | undefined {
  const scope = /^app-(?:[^-]+-)?(.+?)-[^-]+\.scope$/.exec(unit) ?? /^app-(?:[^-@]+-)?(.+?)(?:@[^@]*)?\.service$/.exec(unit);
  return scope?.[1]?.replaceAll(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
