import { useEffect, useState } from "react";
import { usePortail } from "../../store/index.ts";

/** Longer than the next key of somebody who types, shorter than the time to read a prompt. */
const surpriseMs = 500;

/** False for a moment: a prompt that appears under typing hands takes neither what they were writing nor their Enter. */
export function useArmed(): boolean {
  const { clock } = usePortail();
  const [armed, setArmed] = useState(false);
  useEffect(() => clock.after(surpriseMs, () => setArmed(true)), [clock]);
  return armed;
}
