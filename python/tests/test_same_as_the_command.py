"""One seed, one set of numbers: the command and the package."""

import csv
import io

import numpy as np
import pytest

import landgavel as lg

SEALED = """
format = "landgavel-study/1"
title = { zh = "密封", en = "Sealed" }
seed = 5
sales = 3000
[population]
bidders = [3]
value = { distribution = "log-normal", median = 2600, sigma = 0.2 }
productivity = { distribution = "log-normal", median = 30, sigma = 0.3 }
correlation = 0.5
delivery_spread = 0.4
source = "assumption"
[behaviour]
kind = "equilibrium"
[objective]
low_price = 1
quality = 1
delivered = 1
default_at_most = 0.5
[[designs]]
id = "sealed-price"
title = { zh = "密封", en = "Sealed" }
lot = "ROOT/studies/lots/gy020108-2-sealed-price.toml"
promise = "tax"
[[designs]]
id = "price-sealed-last"
title = { zh = "末轮密封", en = "Sealed last" }
lot = "ROOT/studies/lots/gy020108-2-price-sealed-last.toml"
promise = "tax"
"""


@pytest.fixture(scope="session")
def sealed(root):
    return lg.Study.parse(SEALED.replace("ROOT", str(root)))


@pytest.mark.parametrize("which", ["shipped", "sealed"])
def test_the_table_is_that_of_the_command(which, request, command, tmp_path, root):
    study = request.getfixturevalue(which)
    path = tmp_path / "study.toml"
    lots = root / "lots"
    path.write_text(study.text.replace("../lots", str(lots)), encoding="utf-8")
    command("lab", path, "--out", tmp_path / "out")
    findings = study.run(threads=2)
    written = (tmp_path / "out/designs.csv").read_text(encoding="utf-8")
    assert findings.csv() == written
    rows, table = list(csv.DictReader(io.StringIO(written))), findings.designs()
    assert list(table) == list(rows[0]) and table.rows == len(rows)
    for name, column in table.items():
        for row, value in zip(rows, column, strict=True):
            if column.dtype.kind == "f":
                # An empty cell is no number; others are the same double.
                assert np.isnan(value) if row[name] == "" else float(row[name]) == value, name
            else:
                assert row[name] == str(value), name
    # Sale by sale the same sales: their means are those of the table.
    for case in study.cases:
        sales = study.play(case.index, study.sales)
        is_sold = sales["sold"]
        assert is_sold.mean() == table["sold"][case.index]
        for name in ("price", "promised", "delivered", "quality", "default", "lottery", "rent", "revenue"):
            told = table[name][case.index]
            assert np.isnan(told) or np.isclose(sales[name][is_sold].mean(), told, rtol=1e-12), (case, name)


def test_another_seed_gives_other_sales_and_the_same_seed_the_same(shipped):
    one, same, other = (shipped.play(0, 500, seed=seed) for seed in (1, 1, 2))
    assert all(np.array_equal(one[name], same[name], equal_nan=one[name].dtype.kind == "f") for name in one)
    assert not np.array_equal(one["winner"], other["winner"])
    # A part of the sales is that part.
    part = shipped.play(0, 100, seed=1, first=300)
    assert np.array_equal(part["price"], one["price"][300:400])
    assert np.array_equal(shipped.replace(seed=1).play(0, 500)["price"], one["price"])
    assert not np.array_equal(shipped.play(0, 500)["price"], one["price"])


def test_threads_change_nothing(shipped):
    assert shipped.run(threads=1).csv() == shipped.run(threads=3).csv()
