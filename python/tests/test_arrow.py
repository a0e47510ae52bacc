"""Columns on their way to Arrow and back."""

import numpy as np
import pyarrow
import pytest

import landgavel as lg
from landgavel._table import numbers


def test_a_table_is_taken_by_whoever_reads_arrow(shipped):
    sales = shipped.play(0, 1000)
    arrow = pyarrow.table(sales)
    assert arrow.column_names == list(sales) and arrow.num_rows == 1000
    assert arrow.schema.field("sold").type == pyarrow.bool_() and arrow.schema.field("winner").type == pyarrow.int32()
    for name, column in sales.items():
        there = arrow[name].to_numpy(zero_copy_only=False)
        assert np.array_equal(there, column, equal_nan=column.dtype.kind == "f"), name
    # What is not known is a null, not a number that is none.
    assert arrow["price"].null_count == int((~sales["sold"]).sum())
    designs = shipped.run().designs()
    assert designs.to_arrow()["design"].to_pylist() == list(designs["design"])


def test_the_stream_is_handed_over_once_and_again_made(shipped):
    table = shipped.types()
    for _ in range(3):
        assert pyarrow.RecordBatchReader.from_stream(table).read_all().num_rows == table.rows
    # A capsule that nobody takes up frees what it holds.
    for _ in range(100):
        table.__arrow_c_stream__()


def test_columns_of_arrow_are_taken(shipped):
    column = pyarrow.array([1.0, 2.5])
    assert numbers(column).tolist() == [1.0, 2.5]
    assert numbers(pyarrow.chunked_array([[1, 2], [3]])).tolist() == [1.0, 2.0, 3.0]
    with pytest.raises(ValueError, match="null"):
        numbers(pyarrow.array([1.0, None]))

    class Foreign:
        def __arrow_c_array__(self, requested_schema=None):
            return column.__arrow_c_array__(requested_schema)

    assert numbers(Foreign()).tolist() == [1.0, 2.5]


def test_only_columns_of_known_kinds_become_arrow():
    with pytest.raises(TypeError, match="column x"):
        pyarrow.table(lg.Table({"x": np.array([1 + 2j])}))
    with pytest.raises(ValueError):
        pyarrow.table(lg.Table({"x": np.zeros(2), "y": np.zeros(3)}))
