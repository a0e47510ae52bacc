# %% [markdown]
# # Reproduce the textbook
#
# Known answers, first in a game of numbers, then on a real parcel under rulebooks that run real sales. Every claim is asserted.
# Run it from anywhere: `python reproduce_the_textbook.py`; or open it as a notebook, whose cells begin with `# %%`.

# %%
from pathlib import Path

import numpy as np

import landgavel as lg

ROOT = Path(__file__).resolve().parents[2]

# %% [markdown]
# ## A sealed first-price auction
#
# Values even on [0, 1], n bidders: each bids v (n - 1) / n, and the seller earns (n - 1) / (n + 1) (Vickrey 1961). The solver knows
# nothing of this. Beside its answer stands epsilon: what the best deviation still gains.

# %%
values = (np.arange(256) + 0.5) / 256
bids = np.linspace(0.0, 1.0, 257)
for n in (2, 3, 5, 10):
    found = lg.first_price(values, bids, n, epsilon_share_at_most=1e-3)
    exact = values * (n - 1) / n
    off = np.max(np.abs(found.bid - exact)[128:])
    print(f"{n:2} bidders: revenue {found.revenue():.4f} (exact {(n - 1) / (n + 1):.4f}), epsilon {found.epsilon:.1e}")
    assert found.epsilon_share <= 1e-3
    assert abs(found.revenue() - (n - 1) / (n + 1)) < 0.01
    assert off < 0.03, off

# %% [markdown]
# ## The same parcel, open and sealed
#
# A parcel in Wenling under an open ladder without a cap in reach, and under one sealed quote. Values lie evenly over 100 million yuan
# above the start. Both must bring (n - 1) / (n + 1) of that: revenue equivalence, on rules that were not written for it.

# %%
START, SPREAD, MU, N = 1963.0, 10_000.0, 15_081 * 3 / 2000, 5
SALES = 200_000


def study(lot, behaviour, **values):
    return lg.Study.of(
        {
            "title": {"zh": "教科书", "en": "Textbook"},
            "seed": 7,
            "sales": SALES,
            "population": {
                "bidders": [N],
                "value": {"distribution": "uniform", "low": START, "high": START + SPREAD},
                # Tax costs such firms nothing, so that only the price matters.
                "productivity": {"distribution": "constant", "value": 1000.0},
                "delivery_spread": 0.0,
                "source": "assumption",
            },
            "behaviour": behaviour,
            "objective": {"low_price": 1, "quality": 1, "delivered": 1, "default_at_most": 1.0},
            "designs": [
                {"id": "one", "title": {"zh": "一", "en": "One"}, "lot": str(ROOT / lot), "promise": "tax", "set": values}
            ],
        }
    )


def share_of_spread(table):
    """Prices as shares of the spread of values, with the standard error of their mean."""
    price = (table["price"][table["sold"]] * MU - START) / SPREAD
    return price.mean(), price.std(ddof=1) / np.sqrt(len(price))


FOUR_PART = "lots/cn/zhejiang/wenling/gy020108-2-four-part.toml"
open_ladder = study(FOUR_PART, {"kind": "truthful"}, price_cap="19963 万元")
sealed = study("studies/lots/gy020108-2-sealed-price.toml", {"kind": "equilibrium", "gain_at_most": 0.01})
exact = (N - 1) / (N + 1)
STEP = 20 / SPREAD
for name, one in (("open", open_ladder), ("sealed", sealed)):
    mean, error = share_of_spread(one.play(0, SALES))
    print(f"{name:6}: {mean:.4f} +- {1.96 * error:.4f} (exact {exact:.4f}, a step is {STEP:.4f})")
    assert abs(mean - exact) < 3 * error + STEP, (name, mean)
play = sealed.equilibrium(0)
print(play)
assert play.no_claim is None and play.epsilon_share < 0.01

# %% [markdown]
# ## A price cap with lots
#
# At a cap c all who can bear it draw lots. The mean price is c - c^n + (n - 1) / (n + 1) c^(n + 1), and lots are drawn in
# 1 - c^n - n (1 - c) c^(n - 1) of sales: expectations over order statistics.

# %%
for c in (0.6, 0.8):
    capped = study(FOUR_PART, {"kind": "truthful"}, price_cap=f"{START + c * SPREAD:.0f} 万元", tax_cap="26 万元/亩·年")
    table = capped.play(0, SALES)
    mean, error = share_of_spread(table)
    price = c - c**N + (N - 1) / (N + 1) * c ** (N + 1)
    lots = 1 - c**N - N * (1 - c) * c ** (N - 1)
    print(f"cap {c}: price {mean:.4f} (exact {price:.4f}), lots {table['lottery'].mean():.4f} (exact {lots:.4f})")
    assert abs(mean - price) < 3 * error + STEP
    assert abs(table["lottery"].mean() - lots) < 3 * np.sqrt(lots * (1 - lots) / SALES) + 5 * STEP
print("all as the textbook has it")
