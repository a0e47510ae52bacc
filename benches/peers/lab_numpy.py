"""The four-part sale in NumPy: price up to a cap, tax up to a cap, lots. Five bidders, limits even to a quarter beyond each cap.

    lab_numpy.py [SALES] [--chunk ROWS]

Ladders are those of lots/cn/zhejiang/wenling/gy020108-2-four-part.toml; heights count rungs from 1, as `landgavel bench lab` does. The
clock is in closed form. Prints one line of JSON: means to be held against ours, and sales per second.
"""

import argparse
import json
import time

import numpy as np

BIDDERS = 5
PRICE = (1963.0, 20.0, 28)  # start, step, height of the cap
TAX = (25.0, 1.0, 16)


def climb(heights):
    """The highest, the second highest and who is first, by a running maximum over bidders; the earlier of equals is first."""
    first = np.zeros_like(heights[0])
    second, winner = first.copy(), first.copy()
    for bidder, height in enumerate(heights):
        is_higher = height > first
        second = np.where(is_higher, first, np.maximum(second, height))
        winner[is_higher] = bidder
        first = np.maximum(first, height)
    return np.minimum(first, second + 1), winner


def play(rng, sales):
    """Plays sales and returns sums: price, tax where offered, sales with an offer of tax, sales with lots, winners' numbers."""
    heights = []
    for _, _, top in (PRICE, TAX):
        draw = rng.integers(1, 1 + top + top // 4, size=(BIDDERS, sales), dtype=np.int32)
        heights.append(np.minimum(draw, top))
    price, tax = heights
    lots = rng.random(sales, dtype=np.float32)

    reached, winner = climb(price)
    takers = price == PRICE[2]
    goes_on = (reached == PRICE[2]) & (takers.sum(axis=0) >= 2)

    offered = np.where(takers, tax, 0)
    tax_reached, of_tax = climb(offered)
    winner = np.where(goes_on, of_tax, winner)
    tied = offered == TAX[2]
    entrants = tied.sum(axis=0)
    drawn = goes_on & (tax_reached == TAX[2]) & (entrants >= 2)

    place = np.minimum((lots * entrants).astype(np.int64), np.maximum(entrants - 1, 0))
    seen = np.zeros(sales, np.int64)
    for bidder in range(BIDDERS):
        winner = np.where(drawn & tied[bidder] & (seen == place), bidder, winner)
        seen += tied[bidder]

    return np.array(
        [
            reached.sum(dtype=np.int64),
            np.where(goes_on, tax_reached, 0).sum(dtype=np.int64),
            goes_on.sum(),
            drawn.sum(),
            winner.sum(dtype=np.int64),
        ],
        dtype=np.float64,
    )


def report(name, sums, sales, seconds):
    print(
        json.dumps(
            {
                "program": name,
                "sales": sales,
                "mean_price_height": round(sums[0] / sales, 3),
                "mean_tax_height_where_offered": round(sums[1] / max(sums[2], 1), 3),
                "lots_drawn": round(sums[3] / sales, 5),
                "sales_per_s": round(sales / seconds),
            }
        )
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("sales", type=int, nargs="?", default=2_000_000)
    parser.add_argument("--chunk", type=int)
    arguments = parser.parse_args()
    sales, chunk = arguments.sales, arguments.chunk or arguments.sales
    times, sums = [], None
    for _ in range(3):
        rng = np.random.Generator(np.random.SFC64(1))
        begin = time.perf_counter()
        sums = np.zeros(5)
        for first in range(0, sales, chunk):
            sums += play(rng, min(chunk, sales - first))
        times.append(time.perf_counter() - begin)
    name = "numpy" if chunk == sales else f"numpy, chunks of {chunk}"
    report(name, sums, sales, sorted(times)[1])


if __name__ == "__main__":
    main()
