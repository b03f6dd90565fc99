r"""Result n_11: what the exact version of Assumption 3 says about kappa.

Claim: let the model's output be P(.|x, z*), the label law of one interpretation of probability pi.
Then TV(q, P) <= 1 - pi and |kappa| <= osc(l) (1 - pi), where osc may be taken action by action; and
if z* is a most likely interpretation, 1 - pi <= 1 - exp(-A(x)).

Proof. P = pi q + (1 - pi) r, r being the law given the other interpretations, so that
P - q = (1 - pi)(r - q): hence the total variation. Let a be the best answer to q, and l its loss,
with values in [m, M]. Then R*(P) <= E_P l, and ``(M - m)(1 - pi) - (E_P l - E_q l)`` is (1 - pi)
times the sum of ``r (M - l) + q (l - m)``. Exchanging P and q gives the other sign. Last, no
interpretation is likelier than pi, so that -log P(z|x) >= -log pi for each, and A >= -log pi.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from proofs_checks import balls
from proofs_checks.asm_1 import distributions
from proofs_checks.balls import Truth, decide, greater
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece
from proofs_checks.lemma import HALF, Lemma, lemma, variables
from sua_ref import interpretation_collapse_gap, latent_ambiguity, mixture, total_variation

_CREDIT = "we found no earlier statement after a limited search; the steps are elementary"
CLAIMS = (
    Claim(
        id="n_11",
        kind="formal",
        title="The collapse gap under an exact Assumption 3",
        statement=(
            "If the model's output is the label law of the most likely interpretation z*, of "
            "probability pi, then TV(q_x, p_x) <= 1 - pi and |kappa| <= osc(l) (1 - pi) <= "
            "osc(l) (1 - exp(-A(x)))."
        ),
        formula=(
            r"|\kappa(x)| \le \mathrm{osc}(\ell)\,(1 - \pi^*) \le \mathrm{osc}(\ell)\,"
            r"(1 - e^{-A(x)})"
        ),
        source="ours",
        where="repair of Assumption 3 and of the note on Definition 4.1",
        severity="step",
        uses=("asm_1@tv",),
        ref=("interpretation_collapse_gap", "latent_ambiguity", "total_variation"),
        bound=True,
        credit=_CREDIT,
    ),
)
ID = "n_11"
_q, _r, _u, _v, _pi, _l, _M, _m, _w, _c, _s = variables("q r u v pi l M m w c s")
_rest = 1 - _pi

VARIATION = lemma(
    ID, _rest * _q - HALF * _rest * (_u + _v),
    atoms={"1 - pi": _rest, "u <= r": _r - _u, "v <= q": _q - _v},
    products={("1 - pi", "u <= r"): HALF, ("1 - pi", "v <= q"): HALF},
    zero={"q and r sum to 1": (_q - _r, -HALF * _rest)}, common="pi",
)  # fmt: skip
"""``TV(q, P) <= 1 - pi``, with r - q = u - v, u = (r - q)_+, v = (q - r)_+."""


def gap(sign: int) -> Lemma:
    """``osc (1 - pi) - sign (E_P l - E_q l) >= 0`` for one answer with losses in [m, M]."""
    products: dict[tuple[str, ...], int]
    if sign > 0:
        products = {("1 - pi", "r", "M - l"): 1, ("1 - pi", "q", "l - m"): 1}
    else:
        products = {("1 - pi", "q", "M - l"): 1, ("1 - pi", "r", "l - m"): 1}
    return lemma(
        ID, _rest * ((_M - _m) * _q - sign * (_r - _q) * _l),
        atoms={"1 - pi": _rest, "r": _r, "q": _q, "M - l": _M - _l, "l - m": _l - _m},
        products=products,
        zero={"q and r sum to 1": (_q - _r, -1 * _rest * (_M if sign > 0 else -1 * _m))},
        common="pi M m",
    )  # fmt: skip


AMBIGUITY = lemma(
    ID, _c - _w * _s, atoms={"P(z|x) <= pi": _c - _w * _s}, products={("P(z|x) <= pi",): 1},
    common="s",
)  # fmt: skip
"""``A >= -log pi`` over the interpretations: c = -w log w >= w s with s = -log pi, as w <= pi."""


def _proof() -> list[str]:
    return VARIATION.faults() + gap(1).faults() + gap(-1).faults() + AMBIGUITY.faults()


def _exact(values: Any) -> Any:
    return np.array(values, dtype=object)


def _tight() -> list[str]:
    """k equally likely interpretations with a label each: kappa = 1 - 1/k = 1 - pi, A = log k."""
    faults = []
    for k in (2, 3, 7):
        p_z = _exact([Fraction(1, k)] * k)
        laws = _exact([[Fraction(int(i == j)) for j in range(k)] for i in range(k)])
        truth = mixture(p_z, laws)
        kappa = interpretation_collapse_gap(laws[0], truth)
        ambiguity = latent_ambiguity(balls.balls(p_z))
        exact = kappa == 1 - Fraction(1, k) == total_variation(laws[0], truth)
        if not (exact and (-ambiguity).exp().overlaps(balls.ball(Fraction(1, k)))):
            faults.append(f"k = {k}: kappa = {kappa}")
    return faults


def _informative() -> list[str]:
    """pi = 9/10: |kappa| <= 1/10, and 1 - exp(-A) is below 1/3."""
    z = balls.balls([Fraction(9, 10), Fraction(1, 10)])
    answer = decide(lambda: greater(balls.ball(Fraction(1, 3)), 1 - (-latent_ambiguity(z)).exp()))
    return [] if answer is Truth.TRUE else ["not shown"]


def _encoding() -> list[str]:
    """Two interpretations on a grid: sua_ref's kappa and TV obey the bound, in Fractions."""
    loss = _exact([[Fraction(0), Fraction(3)], [Fraction(1), Fraction(0)]])
    for pi in (HALF, Fraction(3, 4), Fraction(1)):
        for first in distributions(2, 4):
            for second in distributions(2, 4):
                laws = _exact([first, second])
                truth = mixture(_exact([pi, 1 - pi]), laws)
                kappa = interpretation_collapse_gap(laws[0], truth, loss=loss, reading="absolute")
                rest = 1 - pi
                if kappa > 3 * rest or total_variation(laws[0], truth) > rest:
                    return [f"pi = {pi}, {first}, {second}: kappa = {kappa}"]
    return []


def pieces(claim: str) -> list[Piece]:
    """The evidence for ``n_11``."""
    return [
        Piece(
            Kind.PROOF, "checked",
            "the three inequalities: every finite number of labels and of interpretations, every "
            "bounded loss", _proof,
        ),
        Piece(
            Kind.TIGHT, "checked", "equality throughout: k equally likely interpretations, each "
            "with its own label, k = 2, 3, 7", _tight,
            instance=lambda: [("P(z|x)", "1/k each"), ("P(.|x, z)", "label z"),
                              ("kappa", "1 - 1/k"), ("A", "log k")],
        ),
        Piece(Kind.INFORMATIVE, "checked", "P(z|x) = (9, 1)/10: |kappa| <= 1/10", _informative),
        Piece(
            Kind.SUPPORT, "checked", "sua_ref's kappa and TV on a grid, in Fractions: two labels, "
            "two interpretations, a lopsided loss, 75 cases", _encoding,
        ),
    ]  # fmt: skip
