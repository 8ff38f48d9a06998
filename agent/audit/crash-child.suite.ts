/** A small agent that records without end and tells which verdicts were acknowledged, until it is killed. */
import { createAudit } from "./audit.ts";
import { realClock, sampleRequest, sampleVerdict } from "./rig.suite.ts";

const [dir = "", life = ""] = process.argv.slice(2);
const audit = createAudit({ dir, clock: realClock, segmentBytes: 20_000, maxBytes: 1e9 });
await audit.start();
const verdict = sampleVerdict();

async function client(name: string): Promise<never> {
  for (let count = 0; ; count += 1) {
    const request = sampleRequest({ id: `${life}-${name}-${count}` });
    await audit.recordVerdict(request, verdict);
    await new Promise((resolve) => process.stdout.write(`${request.id}\n`, resolve));
    if (count % 2 === 0) void audit.recordEnd(request, { kind: "served", up: 1, down: 1 }, { verdict });
  }
}

await Promise.all(["a", "b", "c", "d"].map(client));
