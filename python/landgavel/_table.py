"""Columns with their units, for NumPy and Arrow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from . import _native


class Table(Mapping[str, np.ndarray]):
    """Columns of equal length by name, in order.

    ``table["price"]`` is an array of NumPy of shape ``(rows,)``; ``table.units["price"]`` says what its numbers are. Arrow's consumers
    (``pyarrow.table(table)``, polars, DuckDB through pyarrow) take it as it is, by the Arrow PyCapsule interface: there floats
    that are not known (NaN here) are nulls.
    """

    def __init__(self, columns: Mapping[str, np.ndarray], units: Mapping[str, str] | None = None) -> None:
        self._columns = dict(columns)
        self.units: dict[str, str] = {name: (units or {}).get(name, "") for name in self._columns}

    @property
    def rows(self) -> int:
        """Length of the columns."""
        return len(next(iter(self._columns.values()))) if self._columns else 0

    def __getitem__(self, name: str) -> np.ndarray:
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def __repr__(self) -> str:
        told = ", ".join(f"{name} [{unit}]" if unit else name for name, unit in self.units.items())
        return f"Table of {self.rows} rows: {told}"

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """A capsule with Arrow's stream of one batch. Other types than the table's own are not made: the consumer may cast."""
        return _native.arrow_stream({name: _for_arrow(column) for name, column in self._columns.items()})

    def to_arrow(self) -> Any:
        """The same as a table of pyarrow, which must be installed."""
        import pyarrow

        return pyarrow.table(self)


def _for_arrow(column: np.ndarray) -> Any:
    return column.tolist() if column.dtype.kind == "U" else column


def numbers(values: Any) -> np.ndarray:
    """An array of float64 of one dimension out of what holds numbers: a list, an array of NumPy, a column of Arrow."""
    if hasattr(values, "__arrow_c_array__") or hasattr(values, "__arrow_c_stream__"):
        if not hasattr(values, "__array__"):
            import pyarrow

            values = pyarrow.chunked_array(values) if hasattr(values, "__arrow_c_stream__") else pyarrow.array(values)
        if getattr(values, "null_count", 0):
            raise ValueError("a column with nulls; every value must be there")
    array = np.ascontiguousarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"one dimension is expected, not {array.ndim}")
    return array


def plain(value: Any) -> Any:
    """Dictionaries, lists, texts and numbers only, as a study in TOML has them."""
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items() if one is not None}
    if isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray) or hasattr(value, "__arrow_c_array__") or hasattr(value, "__arrow_c_stream__"):
        return numbers(value).tolist()
    if isinstance(value, list | tuple | range):
        return [plain(one) for one in value]
    return value
