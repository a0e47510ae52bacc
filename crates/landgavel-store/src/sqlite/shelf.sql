-- The shelf can be made again, so it may be missing: it is made empty wherever it is.
CREATE TABLE IF NOT EXISTS shelf (
    key BLOB PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
