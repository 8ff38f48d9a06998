import { openRaw, type RawClient } from "../raw-client.suite.ts";
import { END_HEADERS, END_STREAM, type Frame, frame, frameType, preface, readFrames } from "./frames.suite.ts";

/** Stands in what was received where the tunnel was opened, or where an answer began that says no. */
export const opened = Buffer.from("<open>");
export const answered = Buffer.from("<answer>");
/** `:status 200` from the static table (RFC 7541 appendix A). */
const STATUS_200 = 0x88;
const CANCEL = Buffer.of(0, 0, 0, 8);

/**
 * A client of one tunnel on stream 1 that looks like a bare one: what it sends is raw until its HEADERS are complete and travels in DATA
 * from then on; what it received is what came on the stream. When the stream is over, so is its connection.
 */
export async function openRawTunnel(port: number): Promise<RawClient> {
  const raw = await openRaw(port);
  const tunnel = new RawTunnel(raw);
  return tunnel.client();
}

class RawTunnel {
  readonly #raw: RawClient;
  readonly #closed = Promise.withResolvers<"ended" | "reset">();
  #sent: Buffer = Buffer.alloc(0);
  #isAsked = false;
  #hasEnded = false;
  #received: Buffer = Buffer.alloc(0);
  #unread: Buffer = Buffer.alloc(0);
  #how: "ended" | "reset" | undefined;
  #look: () => void = () => undefined;

  constructor(raw: RawClient) {
    this.#raw = raw;
    raw.socket.on("data", (bytes: Buffer) => this.#read(bytes));
    void raw.closed.then((how) => this.#over(how));
  }

  client(): RawClient {
    const { socket } = this.#raw;
    return {
      socket,
      send: (bytes) => this.#send(Buffer.from(bytes)),
      end: (bytes) => this.#end(bytes),
      received: () => this.#received,
      text: () => this.#received.toString("latin1"),
      until: (enough) =>
        new Promise((resolve, reject) => {
          this.#look = () => {
            if (enough(this.#received)) resolve(this.#received);
            else if (this.#how !== undefined) reject(new Error(`the stream ${this.#how} after ${this.#received.toString("latin1")}`));
          };
          this.#look();
        }),
      closed: this.#closed.promise,
      reset: () => {
        if (this.#isAsked) socket.write(frame(frameType.rstStream, 0, 1, CANCEL));
        socket.destroySoon();
      },
    };
  }

  #send(bytes: Buffer): void {
    const { socket } = this.#raw;
    if (this.#isAsked) return void socket.write(frame(frameType.data, 0, 1, bytes));
    this.#sent = Buffer.concat([this.#sent, bytes]);
    const { frames, rest } = readFrames(this.#sent.subarray(preface.length));
    this.#isAsked = frames.some(({ type, flags }) => type === frameType.headers && (flags & END_HEADERS) !== 0);
    const tail = this.#isAsked ? rest.length : 0;
    socket.write(bytes.subarray(0, bytes.length - tail));
    if (tail > 0) this.#send(rest);
  }

  #end(bytes = ""): void {
    const { socket } = this.#raw;
    this.#hasEnded = true;
    if (this.#isAsked) socket.write(frame(frameType.data, END_STREAM, 1, Buffer.from(bytes)));
    else socket.end(bytes);
  }

  #read(bytes: Buffer): void {
    const { frames, rest } = readFrames(Buffer.concat([this.#unread, bytes]));
    this.#unread = rest;
    for (const one of frames) if (one.stream === 1) this.#take(one);
    this.#look();
  }

  #take({ type, flags, payload }: Frame): void {
    const add = (more: Buffer) => {
      this.#received = Buffer.concat([this.#received, more]);
    };
    if (type === frameType.headers) add(payload[0] === STATUS_200 ? opened : answered);
    if (type === frameType.data) add(payload);
    const isOver = (flags & END_STREAM) !== 0 && (type === frameType.data || type === frameType.headers);
    if (type === frameType.rstStream) this.#over("reset");
    else if (isOver) this.#over("ended");
  }

  #over(how: "ended" | "reset"): void {
    if (this.#how !== undefined) return;
    this.#how = how;
    this.#look();
    this.#closed.resolve(how);
    if (how === "reset" || this.#hasEnded || this.#received.includes(answered)) this.#raw.socket.destroySoon();
    else this.#end();
  }
}
