import { openLibrary } from "./ffi.ts";

/** What this room needs of the C library; sizes are `bigint`, as `size_t` is 64 bits wide. */
const DEFINITIONS = {
  getpid: { arguments: [], return: "int32" },
  socket: { arguments: ["int32", "int32", "int32"], return: "int32" },
  send: { arguments: ["int32", "buffer", "uint64", "int32"], return: "int64" },
  sendto: { arguments: ["int32", "buffer", "uint64", "int32", "buffer", "uint32"], return: "int64" },
  recv: { arguments: ["int32", "buffer", "uint64", "int32"], return: "int64" },
  getsockopt: { arguments: ["int32", "int32", "int32", "buffer", "buffer"], return: "int32" },
  fcntl: { arguments: ["int32", "int32", "int32"], return: "int32" },
  flock: { arguments: ["int32", "int32"], return: "int32" },
  close: { arguments: ["int32"], return: "int32" },
} as const;

export type Libc = NonNullable<ReturnType<typeof openLibrary<typeof DEFINITIONS>>>;

let opened: { readonly libc: Libc | undefined } | undefined;

/** The C library of this process, proven by a call whose answer is known; `undefined` where there is none to be had. */
export function openLibc(): Libc | undefined {
  opened ??= { libc: process.platform === "win32" ? undefined : openLibrary(null, DEFINITIONS) };
  const { libc } = opened;
  if (libc !== undefined && libc.getpid() !== process.pid) opened = { libc: undefined };
  return opened.libc;
}
