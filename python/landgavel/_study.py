"""Studies: rules beside each other on the same bidders."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import _native
from ._errors import NotMeasured
from ._table import Table, plain

Progress = bool | Callable[[int, int], object]

_MONEY, _TAX, _SHARE = "10,000 yuan per mu", "10,000 yuan per mu and year", "share"
_MEASURES = {
    "price": _MONEY,
    "promised": _TAX,
    "delivered": _TAX,
    "quality": "the winner's productivity over that of the best bidder",
    "default": _SHARE,
    "lottery": _SHARE,
    "rent": _MONEY,
    "revenue": _MONEY,
}
_DESIGNS = {
    "bidders": "number",
    "sales": "number",
    "epsilon": "10,000 yuan for the lot",
    "epsilon_share": _SHARE,
    "epsilon_worst": "10,000 yuan for the lot",
    "sold": _SHARE,
    **_MEASURES,
}
_DESIGNS |= {f"{name}_half": f"{_DESIGNS[name]}, half-width of a 95 % interval" for name in ("sold", *_MEASURES)}
_SALES = {
    **_MEASURES,
    "ended": "yes or no",
    "sold": "yes or no",
    "winner": "place among the bidders, -1 = nobody",
    "type": "place in the table of types, -1 = nobody",
    "default": "yes or no",
    "lottery": "yes or no",
}


@dataclass(frozen=True)
class Case:
    """A design with what is set in it, a bond and a number of bidders.

    Attributes:
        index: its place in the study, which ``Study.play`` and ``Study.equilibrium`` take.
        name: its short name in tables and reports: A, B, …
        design: id of its design.
        title_zh, title_en: title of its design.
        set: values of the lot that vary, as texts.
        bond: bond as a share of the price; ``None`` = as the lot says.
        bidders: number of bidders, without those whom the behaviour adds.
    """

    index: int
    name: str
    design: str
    title_zh: str
    title_en: str
    set: dict[str, str]
    bond: float | None
    bidders: int


@dataclass(frozen=True)
class Score:
    """A case by the objective of the study.

    Attributes:
        case: index of the case.
        score: in standard deviations over the cases, weighted; ``None`` = default is beyond the limit.
        less: score less that of the best, paired by block on the same bidders.
        less_half: half-width of its interval, widened for the number of cases.
    """

    case: int
    score: float | None
    less: float | None
    less_half: float | None


@dataclass(frozen=True)
class Advice:
    """What a study recommends among cases with the same number of bidders.

    Attributes:
        bidders: number of bidders.
        best: index of the case with the highest score within the limit on default; ``None`` when there is none.
        not_separable: cases that the error does not tell from the best.
        scores: every case that claims something.
    """

    bidders: int
    best: int | None
    not_separable: list[int]
    scores: list[Score]


@dataclass(frozen=True)
class Equilibrium:
    """What each type of bidder does in a case, and how near that is to an equilibrium: never one without the other.

    Attributes:
        case: index of the case.
        types: ``value`` (10,000 yuan for the lot, net of tax), ``productivity`` (tax, 10,000 yuan per mu and year),
            ``price_limit`` (how far it goes on the price, 10,000 yuan for the lot; below the start of the ladder = no bid; NaN = it
            stays away),
            ``promise_limit`` (the same on the promise, 10,000 yuan per mu and year) and ``quote`` (mean sealed quote among as many
            entrants as bidders, in the unit of what is quoted; NaN where it quotes nothing). 16,384 rows, equally likely.
        epsilon: mean over types of what the best deviation gains, 10,000 yuan for the lot; exact for the table of types.
        epsilon_share: the same as a share of what the best deviations earn.
        epsilon_worst: the largest gain of any type, 10,000 yuan for the lot.
        earned: what a bidder earns on average, 10,000 yuan for the lot; what coming costs is taken off.
        coming: share of the types that come; below 1 only where ``population.entry_cost`` is more than it earns some.
        no_claim: why the study claims nothing of it; ``None`` = it is near enough, and one only was found.
    """

    case: int
    types: Table
    epsilon: float
    epsilon_share: float
    epsilon_worst: float
    earned: float
    coming: float
    no_claim: str | None

    def __repr__(self) -> str:
        claim = "" if self.no_claim is None else f", no_claim={self.no_claim!r}"
        return f"Equilibrium(case={self.case}, epsilon={self.epsilon:.3g}, epsilon_share={self.epsilon_share:.3g}{claim})"


class Findings:
    """What was found by running a study."""

    def __init__(self, study: Study, native: _native.Findings) -> None:
        self.study = study
        self._native = native

    def designs(self) -> Table:
        """The table of designs: a row per case, with means and half-widths of 95 % intervals, NaN where nothing is claimed.

        The same numbers as ``designs.csv`` of ``landgavel lab``.
        """
        return Table(self._native.columns(), _DESIGNS)

    def advice(self) -> list[Advice]:
        """What is recommended, for each number of bidders."""
        return [
            Advice(one["bidders"], one["best"], one["not_separable"], [Score(*score) for score in one["scores"]])
            for one in self._native.advice()
        ]

    def csv(self) -> str:
        """``designs.csv`` as ``landgavel lab`` writes it, byte by byte."""
        return self._native.csv()

    def html(self) -> str:
        """``report.html`` as ``landgavel lab`` writes it: one file, which loads nothing."""
        return self._native.html()

    def __repr__(self) -> str:
        return f"Findings of {len(self.study.cases)} cases, {self.study.sales} sales each"


class Study:
    """A study: the same file that ``landgavel lab`` runs. It does not change.

    Rules are compiled, and equilibria found, when they are first needed, or by ``prepare``; that is kept.
    """

    def __init__(self, native: _native.Study) -> None:
        self._native = native
        self._cases: list[Case] | None = None

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Study:
        """Reads and checks a file.

        Raises:
            StudyError: it is no study, with line, field and rule. What is wrong in its lots is found by ``prepare``.
            OSError: it cannot be read.
        """
        return cls(_native.Study.load(os.fspath(path)))

    @classmethod
    def parse(cls, text: str, path: str | os.PathLike[str] = "study.toml") -> Study:
        """Reads and checks a text; paths of lots in it are taken from the folder of ``path``, a file that need not exist."""
        return cls(_native.Study.parse(text, os.fspath(path)))

    @classmethod
    def of(cls, study: Mapping[str, Any], path: str | os.PathLike[str] = "study.toml") -> Study:
        """Makes a study of a dictionary of the same shape as the file; ``format`` is added.

        Lists may be arrays of NumPy or columns of Arrow, as in ``{"distribution": "table", "values": array}``.
        """
        text = _native.to_toml({"format": "landgavel-study/1", **plain(study)})
        return cls(_native.Study.parse(text, os.fspath(path), made=True))

    def replace(self, *, seed: int | None = None, sales: int | None = None) -> Study:
        """The same study with another seed or number of sales."""
        return Study(self._native.replaced(seed, sales))

    @property
    def title(self) -> tuple[str, str]:
        """Title in Chinese and English."""
        return self._native.title

    @property
    def seed(self) -> int:
        """The seed: the same seed gives the same numbers."""
        return self._native.seed

    @property
    def sales(self) -> int:
        """Sales per case."""
        return self._native.sales

    @property
    def text(self) -> str:
        """The study as TOML."""
        return self._native.text

    @property
    def cases(self) -> list[Case]:
        """Every case, in the order of the tables."""
        if self._cases is None:
            self._cases = [Case(**case) for case in self._native.cases()]
        return list(self._cases)

    def types(self) -> Table:
        """The table of types, 16,384 of them, equally likely: ``value`` and ``productivity``."""
        return Table(self._native.types(), {"value": "10,000 yuan for the lot", "productivity": _TAX})

    def prepare(self, *, progress: Progress = False) -> Study:
        """Compiles the rules and finds the equilibria.

        Raises:
            StudyError: a lot or rulebook cannot be used, with file, line, field and rule.
            KeyboardInterrupt: when interrupted, after the cases at work are made.
        """
        with _Told(progress, "cases") as told:
            self._native.prepare(told)
        return self

    def run(self, *, threads: int | None = None, progress: Progress = False) -> Findings:
        """Plays every case; other threads of Python go on meanwhile.

        Args:
            threads: all cores when left out; the numbers are the same for any number.
            progress: ``True`` tells it on stderr; or a function of blocks done and blocks in all. What it raises stops the run.

        Raises:
            StudyError: as ``prepare``.
            KeyboardInterrupt: when interrupted, after the blocks at work (a hundredth of a case each).
        """
        self.prepare(progress=progress)
        threads = len(os.sched_getaffinity(0)) if threads is None and hasattr(os, "sched_getaffinity") else threads
        with _Told(progress, "blocks") as told:
            return Findings(self, self._native.run(threads or os.cpu_count() or 1, told))

    def play(
        self, case: int, sales: int, *, seed: int | None = None, first: int = 0, progress: Progress = False
    ) -> Table:
        """Plays sales of a case, a row each, in order.

        Args:
            case: index of the case.
            sales: how many; a row takes 74 bytes.
            seed: that of the study when left out. Sale ``i`` of a seed meets the same bidders in every case, and in ``run``.
            first: number of the first sale.

        Returns:
            ``ended`` (bool, False where the engine did not end it), ``sold`` (bool), ``winner`` (int32, place among the bidders
            from 0, -1 = nobody), ``type`` (int32, the winner's row in ``types()``, -1), ``default`` and ``lottery`` (bool: the
            winner owes more than its bond; lots were drawn), and as float64, NaN where unsold: ``price``, ``promised``,
            ``delivered``, ``quality``, ``rent``, ``revenue``. Shapes ``(sales,)``.
        """
        with _Told(progress, "sales") as told:
            return Table(self._native.play(case, sales, seed, first, told), _SALES)

    def equilibrium(self, case: int) -> Equilibrium:
        """What each type does in a case, with the measured gain of the best deviation.

        Raises:
            NotMeasured: bidders of this study are not meant to play an equilibrium, or how near they are is not known.
        """
        found = self._native.conduct(case)
        no_claim, known = found.pop("no_claim"), found.pop("known")
        if not known:
            raise NotMeasured(f"case {case}: {found['why']}")
        told = {name: found.pop(name) for name in ("epsilon", "epsilon_share", "epsilon_worst", "earned", "coming")}
        units = {"value": "10,000 yuan for the lot", "productivity": _TAX}
        units |= {"price_limit": "10,000 yuan for the lot", "promise_limit": _TAX, "quote": "unit of what is quoted"}
        return Equilibrium(case=case, types=Table(found, units), no_claim=no_claim, **told)

    def equilibria(self) -> list[Equilibrium]:
        """The equilibrium of every case; as ``equilibrium``."""
        return [self.equilibrium(case.index) for case in self.cases]

    def __repr__(self) -> str:
        return f"Study({self.title[1]!r}: {len(self.cases)} cases, {self.sales} sales each, seed {self.seed})"


def play(
    lot: str | os.PathLike[str],
    *,
    bidders: int,
    value: Mapping[str, Any],
    productivity: Mapping[str, Any],
    sales: int,
    seed: int,
    correlation: float = 0.0,
    delivery_spread: float = 0.0,
    price: str = "price",
    promise: str | None = None,
    bond: float | None = None,
    years: float = 3.0,
    set: Mapping[str, Any] | None = None,
    behaviour: Mapping[str, Any] | None = None,
    source: str = "assumption",
) -> Table:
    """Plays a lot under its rulebook so many times; the columns are those of ``Study.play``.

    Args:
        lot: path of the lot.
        bidders: how many bid.
        value: distribution of the plot's value to a bidder, 10,000 yuan for the lot, net of tax, such as
            ``{"distribution": "uniform", "low": 2000, "high": 3000}``.
        productivity: distribution of the tax that a bidder gives on average, 10,000 yuan per mu and year.
        sales, seed: how many sales, and their seed.
        correlation: rank correlation of value and productivity.
        delivery_spread: half-width of what is delivered around a bidder's average, as a share of it.
        price, promise: ids of the rulebook's attributes that are the price, and what is promised per mu and year.
        bond, years: bond behind the promise as a share of the price (as the lot says when left out), and years that count.
        set: values of the lot set otherwise, such as ``{"price_cap": "2503 万元"}``.
        behaviour: as in a study, such as ``{"kind": "shaded", "by": 0.1}``; truthful when left out.
        source: where the numbers of the bidders come from.

    Raises:
        StudyError: with file, line, field and rule.
    """
    design: dict[str, Any] = {"id": "played", "title": {"zh": "单一方案", "en": "Played"}, "lot": os.path.abspath(lot)}
    design |= {"price": price, "years": years, "set": dict(set or {})}
    design |= {} if promise is None else {"promise": promise}
    design |= {} if bond is None else {"bond": [bond]}
    population = {"bidders": [bidders], "value": value, "productivity": productivity, "correlation": correlation}
    population |= {"delivery_spread": delivery_spread, "source": source}
    study = Study.of(
        {
            "title": {"zh": "单一方案", "en": "Played"},
            "seed": seed,
            "sales": max(sales, 1),
            "population": population,
            "behaviour": behaviour or {"kind": "truthful"},
            "objective": {"low_price": 1, "quality": 1, "delivered": 1, "default_at_most": 1.0},
            "designs": [design],
        },
        "played.toml",
    )
    return study.play(0, sales)


class _Told:
    """Progress: nothing, a line on stderr, or a function of the caller's."""

    def __init__(self, progress: Progress, what: str) -> None:
        self._progress, self._what, self._is_shown = progress, what, False

    def __enter__(self) -> Callable[[int, int], object] | None:
        if callable(self._progress):
            return self._progress
        return self._show if self._progress else None

    def _show(self, done: int, of: int) -> None:
        self._is_shown = True
        print(f"\r{self._what}: {done} of {of}", end="", file=sys.stderr, flush=True)

    def __exit__(self, *_: object) -> None:
        if self._is_shown:
            print(file=sys.stderr)
