-- Tables of a store in SQLite, version 1. What begins with `journal_` is evidence: written once, never
-- changed, never deleted; triggers hold that against a slip of our own and against a hand at the prompt
-- (not against who replaces the file: for that there are checkpoints and witnesses).

CREATE TABLE journal_sale (
    sale_no INTEGER PRIMARY KEY,
    sale_id TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE journal_file (
    sale_no INTEGER NOT NULL REFERENCES journal_sale,
    name TEXT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (sale_no, name)
) STRICT;

-- One row for each entry. Its key is sale_no * 2^40 + number, so that a sale lies in one piece, in order,
-- and a row needs no second index.
CREATE TABLE journal_entry (
    place INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL CHECK (length(bytes) <= 65535)
) STRICT;

CREATE TABLE journal_checkpoint (
    sale_no INTEGER NOT NULL REFERENCES journal_sale,
    size INTEGER NOT NULL CHECK (size >= 0),
    note TEXT NOT NULL,
    PRIMARY KEY (sale_no, size)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER journal_sale_update BEFORE UPDATE ON journal_sale
BEGIN SELECT raise(ABORT, 'the journal is never changed'); END;
CREATE TRIGGER journal_sale_delete BEFORE DELETE ON journal_sale
BEGIN SELECT raise(ABORT, 'the journal is never changed'); END;
CREATE TRIGGER journal_file_update BEFORE UPDATE ON journal_file
BEGIN SELECT raise(ABORT, 'the journal is never changed'); END;
CREATE TRIGGER journal_file_delete BEFORE DELETE ON journal_file
BEGIN SELECT raise(ABORT, 'the journal is never changed'); END;
CREATE TRIGGER journal_entry_update BEFORE UPDATE ON journal_entry
BEGIN SELECT raise(ABORT, 'the journal is never changed'); END;
CREATE TRIGGER journal_entry_delete BEFORE DELETE ON journal_entry
BEGIN SELECT raise(ABORT, 'the journal is never changed'); END;
CREATE TRIGGER journal_checkpoint_update BEFORE UPDATE ON journal_checkpoint
BEGIN SELECT raise(ABORT, 'the journal is never changed'); END;
CREATE TRIGGER journal_checkpoint_delete BEFORE DELETE ON journal_checkpoint
BEGIN SELECT raise(ABORT, 'the journal is never changed'); END;

-- INSERT OR REPLACE deletes without asking the triggers above, unless a setting of the connection says
-- otherwise. So an entry comes at the end of its sale or not at all.
CREATE TRIGGER journal_entry_insert BEFORE INSERT ON journal_entry
WHEN NEW.place IS NOT max(
    (NEW.place >> 40) << 40,
    ifnull((SELECT max(place) + 1 FROM journal_entry WHERE place < ((NEW.place >> 40) + 1) << 40), 0)
)
BEGIN SELECT raise(ABORT, 'an entry comes at the end of the journal'); END;
CREATE TRIGGER journal_sale_insert BEFORE INSERT ON journal_sale
WHEN EXISTS (SELECT 1 FROM journal_sale WHERE sale_no = NEW.sale_no OR sale_id = NEW.sale_id)
BEGIN SELECT raise(ABORT, 'the journal is never changed'); END;
CREATE TRIGGER journal_file_insert BEFORE INSERT ON journal_file
WHEN EXISTS (SELECT 1 FROM journal_file WHERE sale_no = NEW.sale_no AND name = NEW.name)
BEGIN SELECT raise(ABORT, 'the journal is never changed'); END;
CREATE TRIGGER journal_checkpoint_insert BEFORE INSERT ON journal_checkpoint
WHEN EXISTS (SELECT 1 FROM journal_checkpoint WHERE sale_no = NEW.sale_no AND size >= NEW.size)
BEGIN SELECT raise(ABORT, 'checkpoints rise'); END;

-- The head of each journal and the lease of its one writer. Both follow from nothing else quickly enough,
-- so they are kept; neither ever goes back.
CREATE TABLE head (
    sale_no INTEGER PRIMARY KEY REFERENCES journal_sale,
    size INTEGER NOT NULL,
    chain BLOB NOT NULL CHECK (length(chain) = 32),
    fence INTEGER NOT NULL,
    holder TEXT,
    lapses_ms INTEGER,
    CHECK ((holder IS NULL) = (lapses_ms IS NULL))
) STRICT;
CREATE TRIGGER head_update BEFORE UPDATE ON head
WHEN NEW.size < OLD.size OR NEW.fence < OLD.fence OR NEW.sale_no <> OLD.sale_no
    OR (NEW.size = OLD.size AND NEW.chain <> OLD.chain)
BEGIN SELECT raise(ABORT, 'a head never goes back'); END;
CREATE TRIGGER head_delete BEFORE DELETE ON head
BEGIN SELECT raise(ABORT, 'a head never goes back'); END;

-- The vault. An erased record keeps its name and the time, and nothing that it held.
CREATE TABLE vault_record (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    is_identity INTEGER NOT NULL CHECK (is_identity IN (0, 1)),
    bytes BLOB,
    erased_ms INTEGER,
    PRIMARY KEY (kind, id),
    CHECK ((bytes IS NULL) <> (erased_ms IS NULL))
) STRICT;

CREATE TABLE vault_document (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    bytes BLOB,
    erased_ms INTEGER,
    PRIMARY KEY (kind, id),
    CHECK ((bytes IS NULL) <> (erased_ms IS NULL))
) STRICT;

-- Who read records that are marked. Like the journal it only grows.
CREATE TABLE vault_reading (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    who TEXT NOT NULL,
    why TEXT NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;
CREATE TRIGGER vault_reading_update BEFORE UPDATE ON vault_reading
BEGIN SELECT raise(ABORT, 'the audit is never changed'); END;
CREATE TRIGGER vault_reading_delete BEFORE DELETE ON vault_reading
BEGIN SELECT raise(ABORT, 'the audit is never changed'); END;
CREATE TRIGGER vault_reading_insert BEFORE INSERT ON vault_reading
WHEN NEW.number IS NOT (SELECT ifnull(max(number), 0) + 1 FROM vault_reading)
BEGIN SELECT raise(ABORT, 'the audit is never changed'); END;
