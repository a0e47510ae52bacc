"""The measurement of `landgavel bench score` in pandas: CSV in, grades out.

usage: score_pandas.py TABLE OUT   (prints seconds and rows per second as JSON)

Points are kept as whole millionths, so that equal totals are equal; totals are rounded half up to hundredths.
"""
import json
import resource
import sys
import time

import numpy as np
import pandas as pd

WEIGHTS = {"tax": 35, "value": 20, "energy": 17, "emission": 9, "labour": 9, "research": 10}
CUTS = [("A", 250_000), ("B", 650_000), ("C", 950_000), ("D", 1_000_000)]


def main(table, out):
    start = time.perf_counter()
    frame = pd.read_csv(table, dtype={"firm": "str", "industry": "category"})
    by_industry = frame.groupby("industry", observed=True)
    points = np.zeros(len(frame), dtype=np.int64)
    for name, weight in WEIGHTS.items():
        quanta = np.rint(frame[name].to_numpy() * 10_000).astype(np.int64)
        values = pd.Series(quanta, index=frame.index)
        mean = values.groupby(frame["industry"], observed=True).transform("mean").to_numpy()
        earned = np.floor(quanta / mean * (weight * 1_000_000) + 0.5).astype(np.int64)
        points += np.minimum(earned, weight * 1_500_000)
    frame["cents"] = (points + 5_000) // 10_000
    rank = by_industry["cents"].rank(method="min", ascending=False).astype(np.int64)
    count = by_industry["cents"].transform("size").to_numpy()
    grade = np.full(len(frame), "D")
    for name, share in reversed(CUTS):
        seats = (count * share + 500_000) // 1_000_000
        grade[rank.to_numpy() <= seats] = name
    result = pd.DataFrame(
        {"firm": frame["firm"], "group": frame["industry"], "total": frame["cents"] / 100, "rank": rank, "grade": grade}
    )
    result.to_csv(out, index=False)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"peer": f"pandas {pd.__version__}", "rows": len(frame), "seconds": round(seconds, 3),
                      "rows_per_s": int(len(frame) / seconds), "peak_mib": peak}))


if __name__ == "__main__":
    main(*sys.argv[1:3])
