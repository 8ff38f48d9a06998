import { useEffect, useState } from "react";
import { usePortail } from "./portail.tsx";

/** The time, again every `stepMs`, at the step's own beat: all that shows seconds changes together. */
export function useNow(stepMs = 1000): number {
  const { clock } = usePortail();
  const [now, setNow] = useState(() => clock.now());
  useEffect(() => {
    let cancel = () => {};
    const beat = () => {
      const time = clock.now();
      setNow(time);
      cancel = clock.after(stepMs - (time % stepMs), beat);
    };
    cancel = clock.after(stepMs - (clock.now() % stepMs), beat);
    return () => cancel();
  }, [clock, stepMs]);
  return now;
}
