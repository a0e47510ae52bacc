-- Tables of a store in PostgreSQL, version 1. What begins with `journal_` is evidence: written once, never
-- changed, never deleted. The triggers are ENABLE ALWAYS, so that a replication role does not pass them by
-- (an owner of the tables can still drop them: for that there are checkpoints and witnesses).

CREATE SCHEMA landgavel;

CREATE TABLE landgavel.store (version bigint NOT NULL);
INSERT INTO landgavel.store VALUES (1);

CREATE TABLE landgavel.journal_sale (
    sale_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sale_id text COLLATE "C" NOT NULL UNIQUE
);

CREATE TABLE landgavel.journal_file (
    sale_no bigint NOT NULL REFERENCES landgavel.journal_sale,
    name text COLLATE "C" NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (sale_no, name)
);

-- One row for each entry. No foreign key: it would be looked up for each row, and the append that inserts
-- them has locked the sale's head.
CREATE TABLE landgavel.journal_entry (
    sale_no bigint NOT NULL,
    number bigint NOT NULL CHECK (number >= 0),
    bytes bytea NOT NULL CHECK (length(bytes) <= 65535),
    PRIMARY KEY (sale_no, number)
);
-- Entries are signed texts; trying to compress them costs more than it saves.
ALTER TABLE landgavel.journal_entry ALTER COLUMN bytes SET STORAGE EXTERNAL;

CREATE TABLE landgavel.journal_checkpoint (
    sale_no bigint NOT NULL REFERENCES landgavel.journal_sale,
    size bigint NOT NULL CHECK (size >= 0),
    note text NOT NULL,
    PRIMARY KEY (sale_no, size)
);

-- The head of each journal and the lease of its one writer. Neither ever goes back. Each append changes
-- this row, so its page has room for new versions.
CREATE TABLE landgavel.head (
    sale_no bigint PRIMARY KEY REFERENCES landgavel.journal_sale,
    size bigint NOT NULL,
    chain bytea NOT NULL CHECK (length(chain) = 32),
    fence bigint NOT NULL,
    holder text,
    lapses_ms bigint,
    CHECK ((holder IS NULL) = (lapses_ms IS NULL))
) WITH (fillfactor = 20);

-- The vault. An erased record keeps its name and the time, and nothing that it held.
CREATE TABLE landgavel.vault_record (
    kind text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    is_identity boolean NOT NULL,
    bytes bytea,
    erased_ms bigint,
    PRIMARY KEY (kind, id),
    CHECK ((bytes IS NULL) <> (erased_ms IS NULL))
);

CREATE TABLE landgavel.vault_document (
    kind text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    size bigint NOT NULL,
    sha256 bytea NOT NULL CHECK (length(sha256) = 32),
    bytes bytea,
    erased_ms bigint,
    PRIMARY KEY (kind, id),
    CHECK ((bytes IS NULL) <> (erased_ms IS NULL))
);
ALTER TABLE landgavel.vault_document ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- Who read records that are marked. Like the journal it only grows, and without gaps.
CREATE TABLE landgavel.vault_reading (
    number bigint PRIMARY KEY,
    kind text NOT NULL,
    id text NOT NULL,
    who text NOT NULL,
    why text NOT NULL,
    at_ms bigint NOT NULL
);

CREATE FUNCTION landgavel.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is never changed (% on %)', TG_OP, TG_TABLE_NAME;
END $$;

CREATE FUNCTION landgavel.rise() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM landgavel.journal_checkpoint WHERE sale_no = NEW.sale_no AND size >= NEW.size) THEN
        RAISE EXCEPTION 'checkpoints rise';
    END IF;
    RETURN NEW;
END $$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['journal_sale', 'journal_file', 'journal_entry', 'journal_checkpoint', 'vault_reading']
    LOOP
        EXECUTE format('CREATE TRIGGER never BEFORE UPDATE OR DELETE OR TRUNCATE ON landgavel.%I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION landgavel.refuse()', name);
        EXECUTE format('ALTER TABLE landgavel.%I ENABLE ALWAYS TRIGGER never', name);
    END LOOP;
END $$;

CREATE TRIGGER rise BEFORE INSERT ON landgavel.journal_checkpoint
    FOR EACH ROW EXECUTE FUNCTION landgavel.rise();
ALTER TABLE landgavel.journal_checkpoint ENABLE ALWAYS TRIGGER rise;

CREATE TRIGGER never BEFORE DELETE OR TRUNCATE ON landgavel.head
    FOR EACH STATEMENT EXECUTE FUNCTION landgavel.refuse();
ALTER TABLE landgavel.head ENABLE ALWAYS TRIGGER never;
CREATE TRIGGER forward BEFORE UPDATE ON landgavel.head
    FOR EACH ROW WHEN (
        NEW.size < OLD.size OR NEW.fence < OLD.fence OR NEW.sale_no <> OLD.sale_no
        OR (NEW.size = OLD.size AND NEW.chain <> OLD.chain)
    ) EXECUTE FUNCTION landgavel.refuse();
ALTER TABLE landgavel.head ENABLE ALWAYS TRIGGER forward;
