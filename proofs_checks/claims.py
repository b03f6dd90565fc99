"""The registry: the records of every item, in the order of the paper, then the results beyond it.

Each item has a module of its name, which holds its records (``CLAIMS``) and the evidence for each
of them (``pieces``). Empirical sentences come last; all of them share one module, because what they
have is a declared test each. Verdicts are nowhere written: they are computed.
"""

from __future__ import annotations

import difflib
from importlib import import_module
from types import ModuleType

from proofs_checks import empirical_judged
from proofs_checks.claim import Claim

ITEMS = (
    "txt_2_3", "eq_1", "def_3_1", "def_3_2", "rem_3_3", "def_3_4", "def_3_5", "def_3_6",
    "def_3_8", "def_3_9", "def_3_10", "asm_1", "asm_2", "asm_3", "def_4_1", "def_4_2", "thm_4_3",
    "cor_4_4", "thm_4_5", "lem_4_6", "txt_4_6", "lem_4_7", "prop_4_8", "eq_17", "txt_5_3",
    "txt_5_4", "txt_5_6", "tab_2", "tab_3", "fig_2", "txt_7_1", "app_a_1", "eq_19", "eq_20",
    "eq_21", "app_a_2", "app_a_3", "app_a_4", "app_a_5", "app_b_1", "app_b_4", "app_c_1", "n_1",
    "n_2", "n_3", "n_4", "n_5", "n_6", "n_7", "n_8", "n_9", "n_10", "n_11", "n_12", "n_13", "n_14",
    "n_15", "n_16", "n_17", "n_18", "n_19", "n_20", "n_21", "n_22", "n_23", "n_24", "n_25",
    "n_26", "n_27", "n_28",
)  # fmt: skip
"""Items of the paper in its order, then the results beyond it."""

MODULES: dict[str, ModuleType] = {item: import_module(f"proofs_checks.{item}") for item in ITEMS}
FORMAL: tuple[Claim, ...] = tuple(claim for m in MODULES.values() for claim in m.CLAIMS)
CLAIMS: tuple[Claim, ...] = (*FORMAL, *empirical_judged.CLAIMS)
"""Every record."""
MODULES |= dict.fromkeys((claim.item for claim in empirical_judged.CLAIMS), empirical_judged)


def select(wanted: str) -> list[Claim]:
    """The claims that an id names: itself, its readings, or the parts of an item.

    >>> [c.id for c in select("asm_1@tv")]
    ['asm_1@tv']
    >>> len(select("thm_4_3.eq_11"))
    24
    """
    return [c for c in CLAIMS if c.id == wanted or c.id.startswith((f"{wanted}@", f"{wanted}."))]


def near(wanted: str) -> list[str]:
    """Ids, parts and items that look like an unknown id.

    >>> near("thm_4_3.eq11")[0]
    'thm_4_3.eq_11'
    """
    known = {name for c in CLAIMS for name in (c.item, c.id.split("@")[0], c.id)}
    return difflib.get_close_matches(wanted, sorted(known), n=5)
