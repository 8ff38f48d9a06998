import type { AuditQuery, AuditVerification } from "../contract/index.ts";
import type { JournalDamage } from "./filing.ts";
import type { Opening, SetAside } from "./opening.ts";
import type { CutPlan, RetentionOptions } from "./retention.ts";
import type { Page } from "./search.ts";
import type { ChainHead } from "./chained-lines.ts";

/** What the clerk can be asked for. Everything here may take as long as the disk likes. */
export interface ClerkTasks {
  /** Make sense of what an earlier life left. Comes first. */
  open: { input: { readonly now: number }; output: Opening };
  /** Move what the journal holds into the store. */
  file: { input: undefined; output: { readonly damage?: JournalDamage } };
  /** Move a journal that does not continue the record out of the way. */
  giveUpJournal: { input: { readonly now: number }; output: { readonly head: ChainHead; readonly moved: SetAside | undefined } };
  search: { input: AuditQuery; output: Page };
  verify: { input: { readonly head?: string }; output: AuditVerification };
  planCut: { input: RetentionOptions; output: CutPlan | undefined };
  cut: { input: undefined; output: number };
}

export type ClerkTask = keyof ClerkTasks;

export interface ClerkLetter {
  readonly id: number;
  readonly task: ClerkTask;
  readonly input: unknown;
}

export type ClerkAnswer =
  | { readonly id: number; readonly output: unknown }
  | { readonly id: number; readonly error: { readonly message: string; readonly damage: boolean } };
