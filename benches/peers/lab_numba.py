"""The four-part sale as one Numba kernel, the same rule and the same closed form as lab_numpy.py.

    lab_numba.py [SALES] [THREADS]

Draws come from a counter (splitmix64 of sale and number), so that sales are independent of threads.
"""

import sys
import time

import numpy as np
from numba import njit, prange, set_num_threads

from lab_numpy import BIDDERS, PRICE, TAX, report

TOP_PRICE, TOP_TAX = PRICE[2], TAX[2]
SPAN_PRICE, SPAN_TAX = TOP_PRICE + TOP_PRICE // 4, TOP_TAX + TOP_TAX // 4


@njit(inline="always")
def word(counter):
    z = np.uint64(counter) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0x1234567)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@njit(inline="always")
def below(bits, span):
    return np.int64(((bits & np.uint64(0xFFFFFFFF)) * np.uint64(span)) >> np.uint64(32))


@njit(parallel=True, cache=True)
def play(sales, blocks):
    sums = np.zeros((blocks, 5))
    for block in prange(blocks):
        price_sum = tax_sum = 0
        offers = lots = winners = 0
        for sale in range(sales * block // blocks, sales * (block + 1) // blocks):
            price = np.empty(BIDDERS, np.int64)
            tax = np.empty(BIDDERS, np.int64)
            base = np.uint64(sale) * np.uint64(BIDDERS + 1)
            first = second = winner = takers = 0
            for bidder in range(BIDDERS):
                bits = word(base + np.uint64(bidder))
                price[bidder] = min(1 + below(bits, SPAN_PRICE), TOP_PRICE)
                tax[bidder] = min(1 + below(bits >> np.uint64(32), SPAN_TAX), TOP_TAX)
                if price[bidder] > first:
                    second, first, winner = first, price[bidder], bidder
                elif price[bidder] > second:
                    second = price[bidder]
                takers += price[bidder] == TOP_PRICE
            reached = min(first, second + 1)
            price_sum += reached
            if reached == TOP_PRICE and takers >= 2:
                first = second = entrants = 0
                for bidder in range(BIDDERS):
                    if price[bidder] == TOP_PRICE:
                        if tax[bidder] > first:
                            second, first, winner = first, tax[bidder], bidder
                        elif tax[bidder] > second:
                            second = tax[bidder]
                        entrants += tax[bidder] == TOP_TAX
                reached = min(first, second + 1)
                tax_sum += reached
                offers += 1
                if reached == TOP_TAX and entrants >= 2:
                    lots += 1
                    place = below(word(base + np.uint64(BIDDERS)), entrants)
                    for bidder in range(BIDDERS):
                        if price[bidder] == TOP_PRICE and tax[bidder] == TOP_TAX:
                            if place == 0:
                                winner = bidder
                            place -= 1
            winners += winner
        sums[block] = np.array([price_sum, tax_sum, offers, lots, winners], np.float64)
    return sums


def main():
    sales = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000_000
    threads = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    set_num_threads(threads)
    play(1000, 4)  # compiled before it is timed
    times, sums = [], None
    for _ in range(3):
        begin = time.perf_counter()
        sums = play(sales, 64).sum(axis=0)
        times.append(time.perf_counter() - begin)
    report(f"numba, {threads} thread(s)", sums, sales, sorted(times)[1])


if __name__ == "__main__":
    main()
