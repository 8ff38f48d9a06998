import { useNow } from "../store/index.ts";
import { useText } from "../text/index.ts";

/** How long somebody still waits. Not read out every second: it can be asked for. */
export function Countdown({ expiresAt, says }: { readonly expiresAt: number; readonly says: (age: string) => string }) {
  const { f } = useText();
  const left = Math.max(0, expiresAt - useNow());
  return (
    <span className="countdown" role="timer" aria-live="off">
      {says(f.age(left))}
    </span>
  );
}
