import fs from "node:fs";

/** What the kernel tells of a process (Linux). */
export interface ProcessState {
  readonly descriptors: number;
  readonly sockets: number;
  readonly residentBytes: number;
  /** How often all its threads together went to sleep of their own accord, that is, how often they had been woken. */
  readonly sleeps: number;
}

export function readProcessState(pid: number): ProcessState {
  const links = fs.readdirSync(`/proc/${pid}/fd`).map((fd) => readLink(`/proc/${pid}/fd/${fd}`));
  const threads = fs.readdirSync(`/proc/${pid}/task`).map((thread) => fs.readFileSync(`/proc/${pid}/task/${thread}/status`, "utf8"));
  return {
    descriptors: links.length,
    sockets: links.filter((link) => link.startsWith("socket:")).length,
    residentBytes: numberIn(fs.readFileSync(`/proc/${pid}/status`, "utf8"), "VmRSS") * 1024,
    sleeps: threads.reduce((sum, status) => sum + numberIn(status, "voluntary_ctxt_switches"), 0),
  };
}

function numberIn(status: string, key: string): number {
  return Number(new RegExp(`^${key}:\\s*(\\d+)`, "m").exec(status)?.[1] ?? Number.NaN);
}

/** A descriptor may be closed while the list is read. */
function readLink(path: string): string {
  try {
    return fs.readlinkSync(path);
  } catch {
    return "";
  }
}
