# %% [markdown]
# # Design your own
#
# Firms from a table of your own, a grid of caps, and what the lab says of them. The firms here are drawn, and stand for a register
# that a city would have: an assumption.

# %%
from pathlib import Path

import numpy as np

import landgavel as lg

ROOT = Path(__file__).resolve().parents[2]
random = np.random.default_rng(5)
firms = {
    "value": np.round(2600 * np.exp(0.25 * random.standard_normal(500)), 2),
    "productivity": np.round(28 * np.exp(0.35 * random.standard_normal(500)), 2),
}

# %% [markdown]
# Columns may be arrays of NumPy or of Arrow: a file of Parquet read by pyarrow is as good.

# %%
try:
    import pyarrow

    firms = pyarrow.table(firms)
except ImportError:
    print("without pyarrow: arrays of NumPy")

# %%
study = lg.Study.of(
    {
        "title": {"zh": "自己的方案", "en": "A design of our own"},
        "seed": 11,
        "sales": 20_000,
        "population": {
            "bidders": [3, 8],
            "value": {"distribution": "table", "values": firms["value"]},
            "productivity": {"distribution": "table", "values": firms["productivity"]},
            "correlation": 0.4,
            "delivery_spread": 0.4,
            "source": "assumption",
        },
        "objective": {"low_price": 1, "quality": 2, "delivered": 1, "default_at_most": 0.3},
        "designs": [
            {
                "id": "grid",
                "title": {"zh": "限价与税收上限", "en": "Caps on price and tax"},
                "lot": str(ROOT / "lots/cn/zhejiang/wenling/gy020108-2-four-part.toml"),
                "promise": "tax",
                "vary": {
                    "price_cap": ["2203 万元", "2403 万元", "2603 万元"],
                    "tax_cap": ["30 万元/亩·年", "36 万元/亩·年", "42 万元/亩·年"],
                },
                "bond": [0.1, 0.2],
            }
        ],
    }
)
assert len(study.cases) == 3 * 3 * 2 * 2
findings = study.run(progress=True)
table = findings.designs()

# %% [markdown]
# ## Asked in your own way
#
# The columns are plain arrays. More bidders press the price up to the cap more often, so lots decide more often.

# %%
few, many = table["bidders"] == 3, table["bidders"] == 8
assert np.all(table["lottery"][many] > table["lottery"][few])
assert np.all(table["price"][many] >= table["price"][few])
# The frontier of price against tax delivered: what no other case surpasses in both.
goals = np.column_stack([-table["price"], table["delivered"]])[many]
beaten = [np.any(np.all(goals >= one, axis=1) & np.any(goals > one, axis=1)) for one in goals]
print("on the frontier:", [str(name) for name in table["setting"][many][~np.array(beaten)]])
assert 0 < np.sum(~np.array(beaten)) < len(goals)

for advice in findings.advice():
    best = None if advice.best is None else study.cases[advice.best]
    print(f"{advice.bidders} bidders: {best}; as good within the error: {len(advice.not_separable)}")

# %% [markdown]
# ## What a mistake looks like

# %%
try:
    lg.Study.parse(study.text.replace("default_at_most = 0.3", "default_at_most = 30.0"), "own.toml")
    raise AssertionError("a limit of 3000 % went through")
except lg.StudyError as error:
    print(error)
    assert error.field == "objective.default_at_most" and error.file == "own.toml" and error.rule == "value"
    assert study.text.splitlines()[error.line - 1].startswith("default_at_most")
