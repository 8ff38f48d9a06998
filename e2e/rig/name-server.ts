import dgram from "node:dgram";

export interface NameServer {
  /** As `resolver.servers` wants it. */
  readonly address: string;
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** A name server (RFC 1035) that knows IPv4 addresses of a few names, and that all others do not exist. */
export async function startNameServer(addressesOf: Readonly<Record<string, readonly string[]>>): Promise<NameServer> {
  const asked: string[] = [];
  const socket = dgram.createSocket("udp4");
  socket.on("message", (question, from) => {
    const { name, type, end } = readQuestion(question);
    asked.push(name);
    const addresses = addressesOf[name];
    const answers = type === 1 ? (addresses ?? []) : [];
    const header = Buffer.from(question.subarray(0, 12));
    header.writeUInt16BE(0x8180 | (addresses === undefined ? 3 : 0), 2);
    header.writeUInt16BE(answers.length, 6);
    header.fill(0, 8);
    socket.send(Buffer.concat([header, question.subarray(12, end), ...answers.map(toRecord)]), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return { address: `127.0.0.1:${socket.address().port}`, asked, close: () => new Promise((resolve) => socket.close(() => resolve())) };
}

function readQuestion(message: Buffer): { readonly name: string; readonly type: number; readonly end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join(".").toLowerCase(), type: message.readUInt16BE(at + 1), end: at + 5 };
}

/** An A record for the name that was asked for (a pointer to byte 12), to be kept for no time at all. */
function toRecord(address: string): Buffer {
  return Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split(".").map(Number)]);
}
