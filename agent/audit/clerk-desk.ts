import { setImmediate } from "node:timers/promises";
import type { AuditVerification } from "../contract/index.ts";
import type { ClerkTask, ClerkTasks } from "./clerk-tasks.ts";
import { type Filed, Filing, type JournalDamage } from "./filing.ts";
import { openRecord, setJournalAside } from "./opening.ts";
import { carryOutCut, planCut } from "./retention.ts";
import { searchRecords } from "./search.ts";
import { openStore, type Store } from "./store.ts";
import { verifyRecords } from "./verification.ts";

type Desk = { readonly [T in ClerkTask]: (input: ClerkTasks[T]["input"]) => ClerkTasks[T]["output"] | Promise<ClerkTasks[T]["output"]> };

export interface ClerkDesk extends Desk {
  close(): void;
}

/** The clerk's work, wherever it is done: in the agent's second thread, or in a command that reads the record by itself. */
export function createClerkDesk(dir: string): ClerkDesk {
  let opened: { readonly store: Store; readonly filing: Filing } | undefined;
  const record = () => {
    if (opened === undefined) {
      const store = openStore(dir);
      opened = { store, filing: new Filing(store, dir) };
    }
    return opened;
  };
  return {
    open: ({ now }) => {
      opened?.store.close();
      opened = undefined;
      const { store, filing, ...opening } = openRecord(dir, now);
      opened = { store, filing };
      return opening;
    },
    file: () => {
      const { filing } = record();
      const filed = filing.run();
      filing.tidy();
      return filed.damage === undefined ? {} : { damage: filed.damage };
    },
    giveUpJournal: ({ now }) => {
      const filed = record().filing.run();
      const moved = filed.damage === undefined ? undefined : setJournalAside(dir, filed, filed.damage, now);
      return { head: filed.head, moved };
    },
    search: (query) => {
      record().filing.run();
      return searchRecords(record().store, query);
    },
    verify: ({ head }) => verifyAll(dir, record().filing.run(), head),
    planCut: (options) => planCut(record().store, options),
    cut: () => {
      record().filing.run();
      return carryOutCut(record().store);
    },
    close: () => {
      opened?.store.close();
      opened = undefined;
    },
  };
}

/** The store by a connection of its own, since the walk is one long reading transaction; then what the journal has to add. */
async function verifyAll(dir: string, filed: Filed, head: string | undefined): Promise<AuditVerification> {
  const store = openStore(dir);
  try {
    const options = { pause: () => setImmediate(), ...(head === undefined ? {} : { head }) };
    return withJournal(await verifyRecords(store, options), filed.damage);
  } finally {
    store.close();
  }
}

function withJournal(result: AuditVerification, damage: JournalDamage | undefined): AuditVerification {
  if (damage === undefined || result.problem !== undefined) return result;
  return { ...result, ok: false, problem: { seq: damage.after + 1, message: `in the journal: ${damage.message}` } };
}
