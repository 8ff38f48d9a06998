import "./questions.css";
import { useAgent } from "../../store/index.ts";
import { HostKeyPrompt } from "./host-key-prompt.tsx";
import { PinPrompt } from "./pin-prompt.tsx";

/** One prompt at a time, the one that ends first; PINs before servers, because connections that are open already may need them. */
export function QuestionPrompts() {
  const { pins, hostKeys } = useAgent((state) => state.questions);
  const live = useAgent((state) => state.live);
  const [pin] = pins.toSorted((a, b) => a.expiresAt - b.expiresAt);
  const [hostKey] = hostKeys;
  const more = pins.length + hostKeys.length - 1;
  if (!live) return null;
  if (pin !== undefined) return <PinPrompt key={pin.id} question={pin} more={more} />;
  return hostKey === undefined ? null : <HostKeyPrompt key={hostKey.id} question={hostKey} more={more} />;
}
