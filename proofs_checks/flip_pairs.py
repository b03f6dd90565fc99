r"""Pairs of an input X and its perturbation X': the lemmas behind n_1 and n_16.

Notation. A pair has weight w and two members, primed and not: c = Conf and e = 1 - c, the accuracy
a = p(f), the weight u in [0, 1] of the member's bin, T = TV(q, q'). On a flip f(X') != f(X).

1. *Bins.* For weights u_b in [0, 1], ``ECE >= E u (Conf - acc)``: with g = E 1_b (acc - Conf),
   ``|g| + u g = ((1 + u)(|g| + g) + (1 - u)(|g| - g))/2 >= 0`` in each bin.
2. *Pairs.* If X' has the law of X, ``E g(X) = E (g(X) + g(X'))/2``. So a function g with
   ``(g + g')/2 >= b`` on every pair has ``E g(X) >= E b``. Under the law (D + D')/2, D' the law of
   X', the same holds by definition and X' may have any law.
3. *Invariance.* If y != y', ``p(y) + p'(y') <= 1 + TV(p, p')``.
4. *Accuracy.* So, for u >= u' and label laws within delta, ``u a + u' a' <= u + delta u'`` on a
   flip, and ``<= u + u'`` always.
5. *Flip lemma.* For one label y with q(y) >= q'(y), ``TV(q, q') <= 1 - q'(y)``. Without a flip, y
   = f(X) = f(X') gives ``T <= max(e, e')``; with one, ``T <= 1``.
"""

from __future__ import annotations

from proofs_checks import n_17
from proofs_checks.checker import Polynomial
from proofs_checks.evidence import Kind
from proofs_checks.lemma import HALF, Lemma, lemma, variables

_abs, _g, _u = variables("|g| g u")
BINS = lemma(
    "n_1.flips", _abs + _u * _g,
    atoms={
        "|g| + g": _abs + _g, "|g| - g": _abs - _g, "1 + u": 1 + _u, "u <= 1": 1 - _u,
    },
    products={("1 + u", "|g| + g"): HALF, ("u <= 1", "|g| - g"): HALF},
)  # fmt: skip
"""``ECE - E u (Conf - acc) >= 0``: a sum over bins."""

_w, _gx, _gxx, _b = variables("w g(x) g(x') b")
PAIRS = lemma(
    "n_1.flips", _w * (_gx - _b),
    atoms={"w": _w, "(g + g')/2 >= b": HALF * (_gx + _gxx) - _b},
    products={("w", "(g + g')/2 >= b"): 1},
    zero={"X' has the law of X": (_w * (_gxx - _gx), HALF)},
)  # fmt: skip
"""``E g(X) - E b >= 0``: a sum over pairs."""

_mean = variables("mean")[0]
VIEWS = lemma(
    "n_2.views_log_loss", _w * (_gx - _b),
    atoms={"w": _w, "the mean over views >= b": _mean - _b},
    products={("w", "the mean over views >= b"): 1},
    zero={"each view has the law of X": (_w * (_mean - _gx), 1)},
)  # fmt: skip
"""The same for K views, of which X is the first or any other."""

_p, _s, _t, _y, _z = variables("p s t y y'")
INVARIANCE = lemma(
    "n_1.flips", _p + HALF * (_s + _t) - _y * _p - _z * (_p - _s + _t),
    atoms={
        "p": _p, "s": _s, "t": _t, "y'": _z, "1 - y'": 1 - _z, "y is not y'": 1 - _y - _z,
    },
    products={("p", "y is not y'"): 1, ("t", "1 - y'"): 1, ("s", "y'"): 1},
    zero={"p and p' sum to 1": (_s - _t, -HALF)},
)  # fmt: skip
"""``1 + TV(p, p') - p(y) - p'(y') >= 0``, p - p' = s - t, y and y' indicators; over labels."""

_a, _aa, _uu, _d = variables("a a' u' delta")
FLIPPED = lemma(
    "n_1.flips", _u + _d * _uu - _u * _a - _uu * _aa,
    atoms={
        "u >= u'": _u - _uu, "u'": _uu, "1 - a": 1 - _a, "invariance": 1 + _d - _a - _aa,
    },
    products={("u >= u'", "1 - a"): 1, ("u'", "invariance"): 1},
)  # fmt: skip
"""``u + delta u' - u a - u' a' >= 0`` on a flip."""
KEPT = lemma(
    "n_1.flips",
    _u + _uu - _u * _a - _uu * _aa,
    atoms={"u": _u, "u'": _uu, "1 - a": 1 - _a, "1 - a'": 1 - _aa},
    products={("u", "1 - a"): 1, ("u'", "1 - a'"): 1},
)
"""``u + u' - u a - u' a' >= 0``."""

_q, _r, _v = variables("q' u v")
FLIP_LEMMA = lemma(
    "n_1.flip_lemma", (1 - _y) * _q - _v,
    atoms={"min(q, q')": _q - _v, "1 - y": 1 - _y},
    products={("1 - y", "min(q, q')"): 1},
    zero={"q(y) >= q'(y)": (_y * _v, 1)},
)  # fmt: skip
"""``1 - q'(y) - TV >= 0``: v = (q' - q)_+ sums to TV, and is 0 at y; over labels."""
AT_MOST_1 = lemma(
    "n_1.flip_lemma", _q - _v,
    atoms={"min(q, q')": _q - _v}, products={("min(q, q')",): 1},
)  # fmt: skip
"""``1 - TV >= 0``."""


def proved(*lemmas: Lemma) -> list[str]:
    """The faults of several lemmas."""
    return [fault for one in lemmas for fault in one.faults()]


def rerun(claim: str) -> list[str]:
    """The faults of the proof of a record of n_17, on errors and entropies."""
    proofs = [piece for piece in n_17.pieces(claim) if piece.kind is Kind.PROOF]
    return [fault for piece in proofs for fault in piece.run()]


FLIPS = (BINS, PAIRS, INVARIANCE, FLIPPED, KEPT)
"""All of n_1.flips: u = 1 gives ``(g + g')/2 >= Conf-mean - 1 + (1 - delta)/2 1{flip}``."""
EVERY_FLIP = (*FLIPS, FLIP_LEMMA, AT_MOST_1)


def accounted(kept: bool) -> tuple[Polynomial, ...]:
    """``(goal, e, e', T)`` of n_1.sensitivity on one pair, with or without a flip."""
    e, ee, total = variables("e e' T")
    flip = 0 if kept else 1
    bound = flip - (e + ee)
    return bound - (total - 2 * (e + ee)), e, ee, total


_goal_kept, _e, _ee, _T = accounted(kept=True)
SENSITIVITY_KEPT = lemma(
    "n_1.sensitivity", _goal_kept,
    atoms={"T <= max(e, e')": _e + _ee - _T}, products={("T <= max(e, e')",): 1},
)  # fmt: skip
"""Without a flip ``-(e + e') >= T - 2 (e + e')``, for max(e, e') <= e + e'."""
SENSITIVITY_FLIPPED = lemma(
    "n_1.sensitivity",
    accounted(kept=False)[0],
    atoms={"T <= 1": 1 - _T, "e": _e, "e'": _ee},
    products={("T <= 1",): 1, ("e",): 1, ("e'",): 1},
)
"""With one ``1 - (e + e') >= T - 2 (e + e')``."""
SENSITIVITY = (*EVERY_FLIP, SENSITIVITY_KEPT, SENSITIVITY_FLIPPED)
