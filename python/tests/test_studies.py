"""Studies: errors, progress, interrupts, equilibria with what deviations gain, and what the package promises of itself."""

import _thread
import inspect
import pickle
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import landgavel as lg
from landgavel import _native


def changed(shipped, old, new, root):
    text = shipped.text
    assert old in text, old
    return lg.Study.parse(text.replace(old, new, 1), root / "studies/changed.toml")


def test_a_wrong_study_is_told_with_file_line_field_and_rule(shipped, root):
    with pytest.raises(lg.StudyError) as told:
        changed(shipped, "correlation = 0.5", "correlation = 1.5", root)
    error = told.value
    assert (error.field, error.rule) == ("population.correlation", "value")
    assert error.file.endswith("studies/changed.toml")
    assert shipped.text.splitlines()[error.line - 1].startswith("correlation")
    assert f":{error.line}: population.correlation: " in str(error)
    again = pickle.loads(pickle.dumps(error))
    assert (again.file, again.line, str(again)) == (error.file, error.line, str(error))
    with pytest.raises(lg.StudyError) as told:
        lg.Study.parse("format = [", "broken.toml")
    assert (told.value.rule, told.value.line, told.value.field) == ("syntax", 1, "")

    # Nobody has the text that is made of a dictionary or with another seed, so none of its lines is named.
    with pytest.raises(lg.StudyError) as told:
        shipped.replace(sales=0)
    assert (told.value.line, told.value.field) == (None, "sales")


def test_a_wrong_lot_is_told_where_it_stands(shipped, root):
    study = changed(shipped, '"9963 万元"', '"1 万元"', root)
    with pytest.raises(lg.StudyError) as told:
        study.prepare()
    assert told.value.field == "designs.price-only.lot" and told.value.file.endswith(".toml")
    assert told.value.line is not None and told.value.rule not in ("value", "syntax")
    with pytest.raises(FileNotFoundError):
        lg.Study.load(root / "studies/nowhere.toml")
    with pytest.raises(IndexError):
        shipped.play(len(shipped.cases), 1)


def test_no_dictionary_brings_it_down():
    deep = value = {}
    for _ in range(100):
        value["a"] = {}
        value = value["a"]
    for bad in ({"seed": 2**70}, {"seed": object()}, deep, {"sales": b"1"}, {}):
        with pytest.raises((TypeError, ValueError, OverflowError)):
            lg.Study.of(bad)
    with pytest.raises((ValueError, MemoryError, OverflowError)):
        lg.first_price([2.0, 1.0], [0.0, 1.0], 2)
    with pytest.raises(ValueError):
        lg.first_price([[1.0, 2.0]], [0.0, 1.0], 2)


def test_too_many_sales_are_no_crash(shipped):
    with pytest.raises(MemoryError):
        shipped.play(0, 2**60)
    with pytest.raises(ValueError):
        shipped.play(0, 2**63, first=2**63)


def test_progress_is_told_and_what_it_raises_stops_the_run(shipped):
    heard = []
    shipped.run(progress=lambda done, of: heard.append((done, of)))
    assert heard and heard == sorted(heard) and heard[-1][1] == 100 * len(shipped.cases)

    def enough(done, of):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        shipped.replace(sales=2_000_000).run(progress=enough)


def test_an_interrupt_stops_a_run_and_other_threads_go_on_meanwhile(shipped):
    # Where a shell began this in the background, interrupts are ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # A block takes some tenths of a second.
    study = shipped.replace(sales=50_000_000).prepare()
    turns = 0

    def others():
        nonlocal turns
        until = time.monotonic() + 0.5
        while time.monotonic() < until:
            turns += 1
        _thread.interrupt_main()

    thread = threading.Thread(target=others)
    begun = time.monotonic()
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        study.run(threads=1)
    thread.join()
    assert time.monotonic() - begun < 20
    assert turns > 1_000, "the lock of Python was let go"


def test_an_equilibrium_comes_with_what_deviations_gain(root):
    from test_same_as_the_command import SEALED

    study = lg.Study.parse(SEALED.replace("ROOT", str(root)))
    for found in study.equilibria():
        assert found.epsilon >= 0 and 0 <= found.epsilon_share <= 1 and found.epsilon_worst >= found.epsilon
        assert "epsilon=" in repr(found) and found.types.rows == 16_384
        quote, value = found.types["quote"], found.types["value"]
        quoting = ~np.isnan(quote)
        assert quoting.any() and np.all(quote[quoting] <= value[quoting])
        table = study.run().designs()
        assert table["epsilon"][found.case] == found.epsilon
    fields = {field.name for field in lg.Equilibrium.__dataclass_fields__.values() if field.default is field.default_factory}
    assert {"types", "epsilon", "epsilon_share", "epsilon_worst"} <= fields, "none without the other"
    with pytest.raises(lg.NotMeasured):
        lg.Study.load(root / "studies/yiwu-four-part.toml").equilibrium(0)


def test_the_textbook_equilibrium(root):
    values, bids = (np.arange(128) + 0.5) / 128, np.linspace(0, 1, 129)
    found = lg.first_price(values, bids, 3)
    assert found.epsilon_share <= 1e-3 and found.epsilon_any_bid >= found.epsilon
    assert np.max(np.abs(found.bid - values * 2 / 3)[64:]) < 0.03
    assert found.bid.shape == values.shape and np.isclose(found.played.sum(), 1)
    assert abs(found.revenue() - 0.5) < 0.01


def test_a_lot_is_played_without_a_study(root):
    lot = root / "lots/cn/zhejiang/wenling/gy020108-2-four-part.toml"
    value = {"distribution": "uniform", "low": 1500.0, "high": 3500.0}
    tax = {"distribution": "constant", "value": 30.0}
    table = lg.play(lot, bidders=2, value=value, productivity=tax, sales=5000, seed=3, promise="tax")
    sold = table["sold"]
    assert table.rows == 5000 and 0 < sold.mean() < 1 and table["ended"].all()
    assert np.all(table["winner"][~sold] == -1) and np.all(np.isnan(table["price"][~sold]))
    assert set(table["winner"][sold]) == {0, 1}
    mu = 15_081 * 3 / 2000
    assert np.all(table["price"][sold] * mu >= 1963 - 1e-9) and np.all(table["price"][sold] * mu <= 2503 + 1e-9)
    with pytest.raises(lg.StudyError):
        lg.play(lot, bidders=2, value=value, productivity=tax, sales=1, seed=3, set={"price_cap": "no money"})


def test_the_stub_says_what_is_there():
    path = inspect.getfile(lg).replace("__init__.py", "_native.pyi")
    stub = open(path, encoding="utf-8").read()
    for name in dir(_native):
        thing = getattr(_native, name)
        if name.startswith("__") and name != "__version__":
            continue
        assert name in stub, name
        for member in dir(thing) if inspect.isclass(thing) else ():
            assert member.startswith("__") or f"def {member}(" in stub, f"{name}.{member}"
    for name in lg.__all__:
        thing = getattr(lg, name)
        assert name == "__version__" or (thing.__doc__ or "").strip(), name


@pytest.mark.parametrize("name", ["reproduce_the_textbook", "price_the_yiwu_rule", "design_your_own"])
def test_the_examples_hold_and_take_less_than_a_minute(name, root):
    done = subprocess.run([sys.executable, root / f"python/examples/{name}.py"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
