r"""Result n_14: the entropy confidence is below the largest probability for up to four labels only.

With e = 1 - max p, ``(max p - Conf) log n = H - e log n``. By ``e <= H/(2 log 2)`` (n_17.linear)
this is at least ``e (2 log 2 - log n)``, which is >= 0 for n <= 4. For n > 4 a fair coin among the
n labels has ``Conf - max p = 1/2 - log 2/log n = (log n - 2 log 2)/(2 log n) > 0``.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from proofs_checks import balls, n_17
from proofs_checks.claim import Claim
from proofs_checks.comparisons import above, overlap
from proofs_checks.evidence import Kind, Piece
from proofs_checks.lemma import HALF, lemma, variables
from sua_ref import entropy_confidence, max_confidence

CLAIMS = (
    Claim(
        id="n_14",
        kind="formal",
        title="The entropy confidence is at most the largest probability iff n <= 4",
        statement=("1 - H(p)/log n <= max p for every p on n >= 2 labels if and only if n <= 4."),
        formula=r"\forall p:\ 1 - \frac{H(p)}{\log n} \le \max p \iff n \le 4",
        source="ours",
        where="on the confidence of section 2.3",
        severity="remark",
        uses=("n_17.linear",),
        ref=("entropy_confidence", "max_confidence"),
        bound=True,
        credit=(
            "we found no earlier statement after a limited search; a corollary of Hellman and "
            "Raviv 1970"
        ),
    ),
)
_h, _e, _g, _log = variables("H e g L")
FEW = lemma(
    "n_14", _h - _e * _log,
    atoms={"n_17.linear": _h - 2 * _e * _g, "e": _e, "n <= 4": 2 * _g - _log},
    products={("n_17.linear",): 1, ("e", "n <= 4"): 1},
)  # fmt: skip
"""``(max p - Conf) log n >= 0``: g = log 2, L = log n."""
MANY = lemma("n_14", _log - 2 * _g, atoms={"4 < n": _log - 2 * _g}, products={("4 < n",): 1})
"""``2 log n (Conf - max p) = log n - 2 log 2`` at (1, 1, 0, ...)/2, and log is increasing."""


def _difference(law: Any) -> Any:
    p = balls.balls(law)
    return max_confidence(p) - entropy_confidence(p)


def coin(n: int) -> list[Fraction]:
    """A fair coin among n labels."""
    return [HALF, HALF] + [Fraction(0)] * (n - 2)


def _proof() -> list[str]:
    """n_17.linear, then either direction; the coins of 5, 6 and 40 labels by sua_ref."""
    faults = [f for piece in n_17.pieces("n_17.linear")[:1] for f in piece.run()]
    faults += FEW.faults() + MANY.faults()
    for n in (5, 6, 40):
        faults += above(f"Conf - max p at n = {n}", lambda n=n: -_difference(coin(n)))  # type: ignore[misc]  # bound now
    return faults


def _tight() -> list[str]:
    """Four labels: equality at a fair coin, and at one label."""
    sure = [Fraction(1), Fraction(0), Fraction(0), Fraction(0)]
    laws = (coin(4), sure)
    return [f for law in laws for f in overlap("the difference", _difference(law), balls.ball(0))]


def _informative() -> list[str]:
    """(3, 1)/4: max p exceeds Conf by more than 1/2."""
    return above("max p - Conf", lambda: _difference([Fraction(3, 4), Fraction(1, 4)]), HALF)


def pieces(claim: str) -> list[Piece]:
    """The evidence for ``n_14``."""
    return [
        Piece(
            Kind.PROOF, "checked", "every p on n <= 4 labels; (1, 1, 0, ...)/2 for every n > 4",
            _proof,
        ),
        Piece(
            Kind.TIGHT, "checked", "n = 4: equality at (1, 1, 0, 0)/2 and at one label, in balls",
            _tight, instance=lambda: [("p", "(1/2, 1/2, 0, 0)"), ("Conf, max p", "1/2, 1/2")],
        ),
        Piece(Kind.INFORMATIVE, "checked", "(3, 1)/4: 0.189 against 0.75", _informative),
    ]  # fmt: skip
