import { openLibc } from "./libc.ts";

/** A listening socket that systemd opened for us, by the name in its `FileDescriptorName=`. */
export interface InheritedSocket {
  readonly fd: number;
  readonly name: string;
}

const FIRST_FD = 3;
const MOST_FDS = 1024;
const F_SETFD = 2;
const FD_CLOEXEC = 1;

/**
 * Sockets handed over by systemd (sd_listen_fds(3)). The three variables are taken out of the environment and the descriptors are
 * marked close-on-exec, so that no child believes they are meant for it. A second call finds none.
 */
export function takeInheritedSockets(
  env: NodeJS.ProcessEnv = process.env,
  markCloseOnExec: (fd: number) => void = setCloseOnExec,
): InheritedSocket[] {
  const { LISTEN_PID: pid, LISTEN_FDS: count, LISTEN_FDNAMES: names = "" } = env;
  delete env["LISTEN_PID"];
  delete env["LISTEN_FDS"];
  delete env["LISTEN_FDNAMES"];
  if (pid !== String(process.pid) || count === undefined || !/^\d{1,4}$/.test(count)) return [];
  const given = names.split(":");
  return Array.from({ length: Math.min(Number(count), MOST_FDS) }, (_, index) => {
    const fd = FIRST_FD + index;
    markCloseOnExec(fd);
    return { fd, name: given[index] || "unknown" };
  });
}

function setCloseOnExec(fd: number): void {
  openLibc()?.fcntl(fd, F_SETFD, FD_CLOEXEC);
}
