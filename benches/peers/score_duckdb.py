"""The measurement of `landgavel bench score` in DuckDB: CSV in, grades out, exact in 128-bit integers.

usage: score_duckdb.py TABLE OUT   (prints seconds and rows per second as JSON)
"""
import json
import resource
import sys
import time

import duckdb

WEIGHTS = {"tax": 35, "value": 20, "energy": 17, "emission": 9, "labour": 9, "research": 10}


def main(table, out):
    start = time.perf_counter()
    db = duckdb.connect()
    columns = ", ".join(f"'{name}': 'DECIMAL(18,4)'" for name in WEIGHTS)
    quanta = ", ".join(f"CAST({name} * 10000 AS HUGEINT) AS {name}" for name in WEIGHTS)
    # weight · value · count ÷ sum, rounded half up: (2·n + d) // (2·d).
    points = " + ".join(
        f"least((2 * {weight * 1_000_000}::HUGEINT * {name} * count(*) OVER g + sum({name}) OVER g)"
        f" // (2 * sum({name}) OVER g), {weight * 1_500_000})"
        for name, weight in WEIGHTS.items()
    )
    query = f"""
    COPY (
      WITH figures AS (
        SELECT firm, industry, {quanta}
        FROM read_csv('{table}', header = true, auto_detect = false, delim = ',', quote = '"',
                      columns = {{'firm': 'VARCHAR', 'industry': 'VARCHAR', {columns}}})
      ), scored AS (
        SELECT firm, industry, CAST(({points} + 5000) // 10000 AS BIGINT) AS cents
        FROM figures WINDOW g AS (PARTITION BY industry)
      ), ranked AS (
        SELECT firm, industry, cents, rank() OVER (PARTITION BY industry ORDER BY cents DESC) AS rank,
               count(*) OVER (PARTITION BY industry) AS n
        FROM scored
      )
      SELECT firm, industry AS "group", cents / 100 AS total, rank,
             CASE WHEN rank <= (n * 250000 + 500000) // 1000000 THEN 'A'
                  WHEN rank <= (n * 650000 + 500000) // 1000000 THEN 'B'
                  WHEN rank <= (n * 950000 + 500000) // 1000000 THEN 'C' ELSE 'D' END AS grade
      FROM ranked
    ) TO '{out}' (HEADER, DELIMITER ',')
    """
    db.execute(query)
    rows = db.execute(f"SELECT count(*) FROM read_csv('{out}')").fetchone()[0]
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"peer": f"DuckDB {duckdb.__version__}", "rows": rows, "seconds": round(seconds, 3),
                      "rows_per_s": int(rows / seconds), "peak_mib": peak}))


if __name__ == "__main__":
    main(*sys.argv[1:3])
