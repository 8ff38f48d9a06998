import { useEffect, useState } from "react";
import { usePortail } from "./portail.tsx";

/** A value that follows another once that has stood still for `ms`: while somebody types, nothing is asked. */
export function useSettled<T>(value: T, ms: number): T {
  const { clock } = usePortail();
  const [settled, setSettled] = useState(value);
  useEffect(() => clock.after(ms, () => setSettled(value)), [clock, value, ms]);
  return settled;
}
