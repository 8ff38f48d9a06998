import path from "node:path";
import type { Clock } from "../base/index.ts";
import { writeFileAtomically } from "../platform/index.ts";
import { type AcceptedKey, createHostKeyCalls, type HostKeyCalls, HostKeyDesk, HostKeyStore } from "../ssh/index.ts";

export interface HostKeyRooms {
  readonly clock: Clock;
  readonly stateDir: string;
  /** What the person is asked is another now. */
  readonly onQuestions: () => void;
  /** The person has accepted a server's key. */
  readonly onAccepted: (accepted: AcceptedKey) => void;
  /** The person has taken back what was accepted. */
  readonly onForgotten: () => void;
}

export interface WiredHostKeys {
  readonly desk: HostKeyDesk;
  readonly store: HostKeyStore;
  readonly calls: HostKeyCalls;
  readonly onAccepted: HostKeyRooms["onAccepted"];
}

/** Which SSH servers the person knows, and the questions about those that are new. They outlive every snapshot. */
export function wireHostKeys({ clock, stateDir, onQuestions, onAccepted, onForgotten }: HostKeyRooms): WiredHostKeys {
  const store = new HostKeyStore({
    path: path.join(stateDir, "ssh_known_hosts"),
    write: (file, content) => writeFileAtomically(file, content, 0o600),
  });
  const desk = new HostKeyDesk({ clock, onChange: onQuestions });
  const forget = async (address: string): Promise<number> => {
    const forgotten = await store.forget(address);
    onForgotten();
    return forgotten;
  };
  return { desk, store, onAccepted, calls: createHostKeyCalls(desk, { list: () => store.list(), forget }) };
}
