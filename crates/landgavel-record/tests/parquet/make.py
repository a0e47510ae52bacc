"""Writes the samples beside this file: the same table by different programs and settings. Run with pyarrow 26.0.1 and duckdb 2.0.1."""

from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).parent
table = pa.table(
    {
        "firm": ["甲公司", "乙, \"公司\"", "丙", "丁"],
        "tax": pa.array([48.194, 0.1, None, 1e21]),
        "small": pa.array([0.1, 2.5, 3.25, None], pa.float32()),
        "area": pa.array([Decimal("123.45"), Decimal("-0.05"), None, Decimal("0.00")], pa.decimal128(20, 2)),
        "short": pa.array([Decimal("1.5"), Decimal("2.5"), Decimal("-3.5"), Decimal("0.0")], pa.decimal128(5, 1)),
        "people": pa.array([9_223_372_036_854_775_807, -1, 0, None], pa.int64()),
        "few": pa.array([255, 0, 1, 2], pa.uint8()),
        "listed": [True, False, None, True],
        "since": pa.array([date(2025, 12, 1), date(1969, 12, 31), None, date(2000, 2, 29)]),
        "seen": pa.array([datetime(2025, 12, 1, 8, 30, tzinfo=timezone.utc)] * 2 + [None] * 2, pa.timestamp("ms", "UTC")),
        "kind": pa.array(["a", "b", "a", None]).dictionary_encode(),
    }
)
pq.write_table(table, HERE / "snappy.parquet")
pq.write_table(table, HERE / "plain.parquet", compression="none", use_dictionary=False, store_decimal_as_integer=True)
pq.write_table(table, HERE / "pages-v2.parquet", compression="gzip", data_page_version="2.0", row_group_size=3)
firms = table
duckdb.sql(f"COPY firms TO '{HERE / 'duckdb.parquet'}' (FORMAT parquet)")
# What is refused by name.
few = table.select(["firm", "tax"])
pq.write_table(few, HERE / "zstd.parquet", compression="zstd")
pq.write_table(few, HERE / "split.parquet", use_dictionary=False, column_encoding={"tax": "BYTE_STREAM_SPLIT", "firm": "PLAIN"})
pq.write_table(pa.table({"firm": ["a"], "lists": [[1, 2]]}), HERE / "lists.parquet")
