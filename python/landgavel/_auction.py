"""Sealed first-price auctions among equals: the textbook, with the gain that a deviation still brings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from . import _native
from ._table import numbers


@dataclass(frozen=True)
class FirstPrice:
    """An approximate equilibrium, and how near to one it is.

    Attributes:
        values: values of a bidder, equally likely, rising; shape ``(values,)``, in money.
        bids: legal bids, rising; shape ``(bids,)``, in money.
        bid: mean bid of each value; shape ``(values,)``, in money.
        played: probability of each legal bid; shape ``(bids,)``.
        epsilon: what the best deviation to a legal bid gains on average over values, in money; exact, not sampled.
        epsilon_share: the same as a share of what the best deviations earn.
        epsilon_any_bid: a bound on the gain of any deviation, to legal bids or others, in money.
        turns: turns of fictitious play.
        bidders: number of bidders.
    """

    values: np.ndarray
    bids: np.ndarray
    bid: np.ndarray
    played: np.ndarray
    epsilon: float
    epsilon_share: float
    epsilon_any_bid: float
    turns: int
    bidders: int

    def revenue(self) -> float:
        """What the seller earns on average: the mean of the highest of ``bidders`` bids, in money."""
        upto = np.minimum(np.cumsum(self.played), 1.0) ** self.bidders
        return float(np.sum(self.bids * np.diff(upto, prepend=0.0)))

    def __repr__(self) -> str:
        return (
            f"FirstPrice(bidders={self.bidders}, values={len(self.values)}, bids={len(self.bids)}, "
            f"epsilon={self.epsilon:.3g}, epsilon_share={self.epsilon_share:.3g})"
        )


def first_price(
    values: Any, bids: Any, bidders: int, *, epsilon_share_at_most: float = 1e-3, most_turns: int = 20_000
) -> FirstPrice:
    """Solves a sealed first-price auction by fictitious play.

    Args:
        values: what the thing is worth to a bidder, equally likely, rising; a list, an array or a column of Arrow, in money.
        bids: legal bids, rising, in the same money.
        bidders: at least 2.
        epsilon_share_at_most: play goes on until the gain of the best deviation is at most this share of what it earns,
        most_turns: or for so many turns; look at ``epsilon_share`` of the answer to know which.

    Raises:
        ValueError: fewer than two bidders, values or bids; or some that do not rise.
    """
    values, bids = numbers(values), numbers(bids)
    found = _native.first_price(values, bids, bidders, epsilon_share_at_most, most_turns)
    return FirstPrice(values=values, bids=bids, bidders=bidders, **found)
