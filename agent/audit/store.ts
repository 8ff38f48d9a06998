import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { AgentError } from "../base/index.ts";
import { migrations } from "./store-schema.ts";

export type Store = Database.Database;

export function storePath(dir: string): string {
  return join(dir, "record.db");
}

/**
 * Open the searchable part of the record, made when missing and brought to this version's form. Belongs to the clerk or to a command
 * that reads: its calls wait for the disk and must not run on the agent's event loop.
 */
export function openStore(dir: string): Store {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = storePath(dir);
  // SECURITY: SQLite would make the file with the process's umask, and its companions with the file's mode.
  if (existsSync(path)) chmodSync(path, 0o600);
  else closeSync(openSync(path, "ax", 0o600));
  const store = new Database(path, { timeout: 10_000 });
  try {
    store.exec("PRAGMA auto_vacuum = INCREMENTAL");
    store.exec("PRAGMA journal_mode = WAL");
    // FULL: what is filed is on the medium before its journal segment is deleted.
    store.exec("PRAGMA synchronous = FULL");
    store.exec("PRAGMA cache_size = -4096");
    migrate(store);
    return store;
  } catch (cause) {
    store.close();
    throw cause;
  }
}

function migrate(store: Store): void {
  store
    .transaction(() => {
      const version = Number(store.pragma("user_version", { simple: true }));
      if (version > migrations.length) {
        throw new AgentError("RECORD_UNAVAILABLE", `the record was written by a newer version (form ${version}); use that one`);
      }
      for (const sql of migrations.slice(version)) store.exec(sql);
      if (version < migrations.length) store.exec(`PRAGMA user_version = ${migrations.length}`);
    })
    .immediate();
}

export interface Reading<P extends unknown[], R> {
  get(...values: P): R | undefined;
  all(...values: P): R[];
  iterate(...values: P): IterableIterator<R>;
}

/**
 * A query whose rows are objects. SECURITY: better-sqlite3 would generate code for making them, and the agent runs with code generation
 * from strings forbidden; so rows come as arrays and are given their names here.
 */
export function prepareReading<P extends unknown[], R>(store: Store, sql: string): Reading<P, R> {
  const statement = store.prepare<P, unknown[]>(sql).raw(true);
  const names = statement.columns().map((column) => column.name);
  const named = (values: readonly unknown[]): R => {
    const row: Record<string, unknown> = {};
    for (const [index, name] of names.entries()) row[name] = values[index];
    return row as R;
  };
  return {
    get: (...values) => {
      const row = statement.get(...values);
      return row === undefined ? undefined : named(row);
    },
    all: (...values) => statement.all(...values).map(named),
    *iterate(...values) {
      for (const row of statement.iterate(...values)) yield named(row);
    },
  };
}

/** Whether SQLite means that the file itself is damaged, rather than that it cannot be reached now. */
export function isDamage(cause: unknown): boolean {
  return cause instanceof Database.SqliteError && /^SQLITE_(?:CORRUPT|NOTADB)/.test(cause.code);
}
