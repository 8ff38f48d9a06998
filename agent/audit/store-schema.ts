/**
 * The form of the store, one step for each version that ever wrote it; `user_version` counts the steps taken. Steps are never edited
 * once released.
 *
 * `canonical` is the truth and what the chain covers. The other columns repeat parts of it for searching; verification compares them.
 * `cut` repeats what `record_cut` events say, so that the trigger can see it. `open_verdict` is an index of connections without an end.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE record (
    seq INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    kind TEXT NOT NULL,
    outcome TEXT,
    connection TEXT,
    incident TEXT,
    terms TEXT NOT NULL,
    canonical TEXT NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
  CREATE INDEX record_time ON record (time);
  CREATE INDEX record_connection ON record (connection) WHERE connection IS NOT NULL;
  CREATE INDEX record_incident ON record (incident) WHERE incident IS NOT NULL;
  CREATE TABLE cut (seq INTEGER PRIMARY KEY, through INTEGER NOT NULL, hash TEXT NOT NULL) STRICT;
  CREATE TABLE open_verdict (connection TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TRIGGER record_keeps BEFORE UPDATE ON record BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
  CREATE TRIGGER record_stays BEFORE DELETE ON record
    WHEN OLD.seq > COALESCE((SELECT MAX(through) FROM cut), 0)
    BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
  CREATE TRIGGER record_grows BEFORE INSERT ON record
    WHEN NEW.seq <= COALESCE((SELECT MAX(seq) FROM record), 0)
    BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
  CREATE TRIGGER cut_keeps BEFORE UPDATE ON cut BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
  CREATE TRIGGER cut_stays BEFORE DELETE ON cut BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
  `,
];
