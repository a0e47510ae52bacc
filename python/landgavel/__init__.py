"""Try the rules of land sales before adopting them.

Money is in ten thousand yuan, tax in ten thousand yuan per mu and year, one mu being 2000/3 square metres; each column's unit is in
``Table.units``. The same seed gives the same numbers as the command ``landgavel lab``, on any number of threads.
"""

from ._auction import FirstPrice, first_price
from ._errors import NotMeasured, StudyError
from ._native import __version__
from ._study import Advice, Case, Equilibrium, Findings, Score, Study, play
from ._table import Table

__all__ = [
    "Advice",
    "Case",
    "Equilibrium",
    "Findings",
    "FirstPrice",
    "NotMeasured",
    "Score",
    "Study",
    "StudyError",
    "Table",
    "__version__",
    "first_price",
    "play",
]
