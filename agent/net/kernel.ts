import process from "node:process";

/**
 * The runtime's own socket handles, one floor below `net.Socket`. A connection through bare handles costs about 60 % of one through
 * streams, and an idle tunnel a third of the memory (docs/decisions/bare-handles.md). They are not a public interface, so they are used only on
 * the runtime that the project pins and tests; anywhere else {@link kernel} is undefined and the documented streams carry everything.
 */
export interface Kernel {
  readonly Tcp: new (kind: number) => Handle;
  readonly ConnectRequest: new () => ConnectRequest;
  readonly ShutdownRequest: new () => ShutdownRequest;
  readonly socketKind: number;
  /** The result of the read that is being called back: a byte count, or a negative error. */
  readResult(): number;
}

/** A connected or connecting socket. Error results are negative numbers, 0 is success. */
export interface Handle {
  readonly fd: number;
  readonly writeQueueSize: number;
  onread: ((this: Handle) => Uint8Array | undefined) | null;
  /** Ours: who reads from it. */
  leg?: unknown;
  readStart(): number;
  readStop(): number;
  /** The runtime keeps only the address of `buffer`: whoever registers it must keep it alive. */
  useUserBuffer(buffer: Uint8Array): void;
  /** 0: the kernel took everything. Negative: an error. A request: the rest is on its way, and the request must keep `buffer` alive. */
  writeBuffer(request: null, buffer: Uint8Array): number | WriteRequest;
  shutdown(request: ShutdownRequest): number;
  close(closed?: () => void): void;
  /** TCP only: close with RST. */
  reset?(closed?: () => void): number;
  setNoDelay?(on: boolean): number;
  getpeername?(out: SocketName): number;
  getsockname?(out: SocketName): number;
  connect(request: ConnectRequest, address: string, port: number): number;
  connect6(request: ConnectRequest, address: string, port: number): number;
}

export interface SocketName {
  address?: string;
  port?: number;
  family?: string;
}

export interface WriteRequest {
  buffer?: Uint8Array;
  source?: unknown;
  leg?: unknown;
  oncomplete: (this: WriteRequest, status: number) => void;
}

export interface ConnectRequest {
  attempt?: unknown;
  oncomplete: (this: ConnectRequest, status: number) => void;
}

export interface ShutdownRequest {
  leg?: unknown;
  oncomplete: (this: ShutdownRequest, status: number) => void;
}

/** libuv's UV_EOF, the same on every platform. */
export const endOfFile = -4095;

/** Major versions of the runtime on which the tests of this room pass with bare handles. */
const TESTED_MAJORS = new Set(["26"]);

interface TcpBinding {
  readonly TCP: Kernel["Tcp"];
  readonly TCPConnectWrap: Kernel["ConnectRequest"];
  readonly constants: { readonly SOCKET: number };
}

interface StreamBinding {
  readonly ShutdownWrap: Kernel["ShutdownRequest"];
  readonly streamBaseState: Int32Array;
  readonly kReadBytesOrError: number;
}

/** Undefined where bare handles are not to be used: another runtime, another system, or one that forbids it. */
export const kernel: Kernel | undefined = openKernel();

function openKernel(): Kernel | undefined {
  const [major = ""] = process.versions.node.split(".");
  if (!TESTED_MAJORS.has(major) || process.platform === "win32") return undefined;
  if (process.env["PORTAIL_STREAMS"] === "1") return undefined;
  const quiet = process.noDeprecation;
  try {
    // The binding is deprecated for everybody else's good; the warning would be on every start of the agent.
    process.noDeprecation = true;
    const binding = (process as unknown as { binding(name: string): unknown }).binding;
    const tcp = binding("tcp_wrap") as TcpBinding;
    const stream = binding("stream_wrap") as StreamBinding;
    const wanted = ["readStart", "readStop", "useUserBuffer", "writeBuffer", "shutdown", "close", "reset", "connect", "connect6"];
    const handle: unknown = new tcp.TCP(tcp.constants.SOCKET);
    if (!wanted.every((name) => typeof (handle as Record<string, unknown>)[name] === "function")) return undefined;
    const { streamBaseState: state, kReadBytesOrError: at } = stream;
    return {
      Tcp: tcp.TCP,
      ConnectRequest: tcp.TCPConnectWrap,
      ShutdownRequest: stream.ShutdownWrap,
      socketKind: tcp.constants.SOCKET,
      readResult: () => state[at] ?? 0,
    };
  } catch {
    return undefined;
  } finally {
    // `false` is what an unset property means, and unlike undefined it may be assigned.
    process.noDeprecation = quiet ?? false;
  }
}
