import type { BatteryHouse } from "./battery.suite.ts";
import { defaultDeadlines } from "./reception.ts";
import { openHouse } from "./stand-in-conductor.suite.ts";

/** A proxy listener for the battery. */
export async function openBatteryHouse({ handshakeMs }: { readonly handshakeMs?: number }): Promise<BatteryHouse> {
  const house = await openHouse(handshakeMs === undefined ? {} : { deadlines: { ...defaultDeadlines, handshakeMs } });
  return {
    port: house.port,
    connections: () => house.listener.connections,
    openUpstreams: house.openUpstreams,
    dialled: house.dialled,
    drain: () => house.listener.drain(),
    close: house.close,
  };
}
