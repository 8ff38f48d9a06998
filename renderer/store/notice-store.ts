import { createStore, type StoreApi } from "zustand/vanilla";
import type { ScreenClock } from "../bridge/index.ts";

/** A short sentence that comes and goes: something was done, or could not be done. */
export interface Notice {
  readonly id: number;
  readonly tone: "done" | "failed";
  readonly says: string;
}

export interface NoticeStore extends StoreApi<readonly Notice[]> {
  tell(tone: Notice["tone"], says: string): void;
  dismiss(id: number): void;
}

const doneMs = 4000;
const failedMs = 12_000;
const atMost = 3;

export function createNoticeStore(clock: ScreenClock): NoticeStore {
  const store = createStore<readonly Notice[]>(() => []);
  let lastId = 0;
  const dismiss = (id: number) => store.setState((notices) => notices.filter((notice) => notice.id !== id), true);
  return {
    ...store,
    dismiss,
    tell: (tone, says) => {
      const id = ++lastId;
      store.setState((notices) => [...notices.slice(1 - atMost), { id, tone, says }], true);
      clock.after(tone === "done" ? doneMs : failedMs, () => dismiss(id));
    },
  };
}
