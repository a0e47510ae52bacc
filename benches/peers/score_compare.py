"""Whether two files of grades say the same: every firm its total to the cent, its rank and its grade.

usage: score_compare.py ONE OTHER   (exit 0 when all are equal, 1 when some differ)
"""
import csv
import sys
from decimal import Decimal


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return {row["firm"]: (Decimal(row["total"]).normalize(), row["rank"], row["grade"]) for row in csv.DictReader(file)}


def main(one, other):
    left, right = rows(one), rows(other)
    different = sorted(firm for firm in left.keys() | right.keys() if left.get(firm) != right.get(firm))
    for firm in different[:10]:
        print(firm, left.get(firm), right.get(firm))
    print(f"{len(left)} firms, {len(different)} differ")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
