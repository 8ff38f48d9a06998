import type { World } from "./world.ts";

/** Wait a little, or until Ctrl-C. The process stays alive meanwhile, whatever the clock's timers do. */
export function pause({ clock, signal }: Pick<World, "clock" | "signal">, ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const keepAlive = new MessageChannel();
    keepAlive.port1.ref();
    const end = () => {
      cancel();
      keepAlive.port1.close();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const cancel = clock.after(ms, end);
    signal.addEventListener("abort", end);
  });
}

/** Until Ctrl-C. */
export function untilInterrupted({ signal }: Pick<World, "signal">): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
