import { type No, no, type Walk } from "./walk.ts";

/** Write the verdict in force down. Returns why the connection goes no further when that cannot be done. Never rejects. */
export async function record({ journey, ports }: Walk): Promise<No | undefined> {
  try {
    await ports.recordVerdict(journey);
    return undefined;
  } catch (cause) {
    ports.raiseAuditAlarm(cause);
    return no("RECORD_UNAVAILABLE");
  }
}
