# %% [markdown]
# # Price the Yiwu rule
#
# What does "price up to a cap, then tax per mu up to a cap, then lots, with a guarantee" cost the city, and what does it bring, beside
# simpler rules? The parcel and its starting price were published; caps and bidders are assumed. Every claim below is asserted.

# %%
from pathlib import Path

import numpy as np

import landgavel as lg

ROOT = Path(__file__).resolve().parents[2]
study = lg.Study.load(ROOT / "studies/yiwu-four-part.toml")
print(study)
findings = study.run()
designs = findings.designs()
for row in range(designs.rows):
    told = " ".join(f"{name} {designs[name][row]:8.3f}" for name in ("price", "promised", "delivered", "quality", "lottery"))
    print(f"{designs['case'][row]} {designs['design'][row]:12} {told} default {designs['default'][row]:.3f}")

# %% [markdown]
# ## What each part costs, on the same bidders
#
# Sale `i` of a seed meets the same bidders under every rule, so differences are paired, sale by sale.

# %%
SALES = 100_000
by_design = {case.design: study.play(case.index, SALES) for case in reversed(study.cases)}


def difference(one, other, what):
    """Mean of one less other over sales sold under both, and its standard error."""
    both = by_design[one]["sold"] & by_design[other]["sold"]
    less = by_design[one][what][both].astype(float) - by_design[other][what][both]
    return less.mean(), less.std(ddof=1) / np.sqrt(len(less))


for one, other, what, sign in (
    ("cap-lottery", "price-only", "price", -1),  # a cap lowers the price,
    ("cap-lottery", "price-only", "quality", -1),  # and lots choose worse firms than bids do.
    ("cap-tax", "cap-lottery", "quality", +1),  # bidding on tax chooses better ones again,
    ("cap-tax", "cap-lottery", "promised", +1),  # who promise more
    ("cap-tax", "cap-lottery", "default", +1),  # and more often owe more than their bond.
    ("four-part", "cap-tax", "default", -1),  # a cap on tax holds that back.
):
    mean, error = difference(one, other, what)
    print(f"{one:11} less {other:11}: {what:9} {mean:+9.4f} +- {1.96 * error:.4f}")
    assert sign * mean > 3 * error, (one, other, what)

# %% [markdown]
# ## What is recommended, and what cannot be told apart

# %%
for advice in findings.advice():
    names = {case.index: f"{case.name} {case.design} {case.set}" for case in study.cases}
    print(f"{advice.bidders} bidders: {names[advice.best]}; not separable: {[names[i] for i in advice.not_separable]}")
    assert designs["default"][advice.best] <= 0.25
    for score in advice.scores:
        # Whatever is not the best and can be told from it lies below it by more than the error.
        if score.score is not None and score.case != advice.best and score.case not in advice.not_separable:
            assert score.less + score.less_half < 0

# %% [markdown]
# ## A bond that is worth something
#
# The larger of two bonds, at the same caps, brings less default in every pair.

# %%
four = [case for case in study.cases if case.design == "four-part"]
for small, large in zip(four[::2], four[1::2], strict=True):
    assert (small.bond, large.bond) == (0.1, 0.2) and small.set == large.set
    assert designs["default"][small.index] > designs["default"][large.index]
print("every claim holds")
