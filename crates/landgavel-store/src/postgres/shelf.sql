-- The shelf can be made again, so it may be missing: it is made empty wherever it is.
CREATE TABLE IF NOT EXISTS landgavel.shelf (
    key bytea PRIMARY KEY,
    value bytea NOT NULL
);
