"""What the command writes as Parquet is read by others, cell by cell as its CSV says."""

import csv
import struct

import duckdb
import pyarrow.parquet as pq
import pytest


@pytest.fixture(scope="module")
def out(command, tmp_path_factory, root):
    from test_same_as_the_command import SEALED

    folder = tmp_path_factory.mktemp("parquet")
    # One of its designs claims nothing where the limit is zero: missing figures are written too.
    text = SEALED.replace("ROOT", str(root)).replace('kind = "equilibrium"', 'kind = "equilibrium"\ngain_at_most = 0.0')
    (folder / "study.toml").write_text(text, encoding="utf-8")
    command("lab", folder / "study.toml", "--out", folder)
    return folder


def test_pyarrow_and_duckdb_read_the_table_of_designs(out):
    rows = list(csv.DictReader((out / "designs.csv").open(encoding="utf-8")))
    table = pq.read_table(out / "designs.parquet")
    assert table.column_names == list(rows[0]) and table.num_rows == len(rows) == 2
    for other in (table.to_pylist(), duckdb.sql(f"FROM '{out / 'designs.parquet'}'").to_arrow_table().to_pylist()):
        for row, there in zip(rows, other, strict=True):
            for name, cell in row.items():
                value = there[name]
                assert ("" if value is None else str(value) if not isinstance(value, float) else value) == (
                    float(cell) if isinstance(value, float) else cell
                ), name
    assert table["price"].null_count > 0


def test_blocks_are_the_bits_of_the_file_that_a_run_goes_on_from(out):
    blocks = pq.read_table(out / "blocks.parquet").to_pylist()
    lines = [line.split(",") for line in (out / "blocks.csv").read_text().splitlines()[1:] if line]
    kept = {(int(case), int(block)): rest for case, block, *rest in lines}
    assert len(blocks) == len(kept) == 200
    for row in blocks:
        sales, sold, unended, *sums = kept[row["case"], row["block"]]
        assert (row["sales"], row["sold"], row["unended"]) == (int(sales), int(sold), int(unended))
        assert row["price_sum"] == struct.unpack(">d", bytes.fromhex(sums[0]))[0]
