r"""Definition 3.4: the latent ambiguity is not determined by what the data determine.

Let Z be a fair k-sided coin that says nothing about the label. Then (1) holds with the same P(Y|X)
as with no interpretation at all, and A(x) = log k instead of 0. Any value of A goes with any
P(Y|X). So neither direction of its "theoretical role" holds either: a truth may be certain while
A(x) is as large as one likes, and mixed while A(x) = 0.

What is determined, given a joint law of labels and interpretations, is the part of A that labels
show: I(Y;Z|x), between 0 and H*(x) (lem_4_6.information).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from proofs_checks import balls
from proofs_checks.claim import Claim
from proofs_checks.comparisons import above, exact, is_, overlap
from proofs_checks.eq_1 import mean_of_one_value
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.lemma import HALF
from sua_ref import latent_ambiguity, mixture, true_uncertainty

CLAIMS = (
    Claim(
        id="def_3_4",
        kind="formal",
        title="Latent ambiguity",
        statement="A(x) = H(Z|X = x) is a function of the law of inputs and labels.",
        formula=r"A(x) = H(Z\,|\,X = x)",
        source="printed",
        where="section 3.3, Definition 3.4, equation (3)",
        quote="This quantity is not directly computable from alone, since is unobserved.",
        silent='which Z; (1) is "not restrictive", so any will do',
        severity="conclusion",
        ref=("latent_ambiguity", "mixture"),
        repair="lem_4_6.information",
    ),
    Claim(
        id="def_3_4.mixed",
        kind="formal",
        title="High latent ambiguity means a mixed ground truth",
        statement=(
            "The true distribution at x is mixed, H*(x) > 0, exactly where A(x) is high; it is "
            "certain where A(x) = 0."
        ),
        formula=r"A(x) \gg 0 \iff H^*(x) \gg 0",
        source="reconstructed",
        where="section 3.3, the last sentence on Definition 3.4; section 1, third paragraph",
        quote=(
            "to characterize inputs for which the ground-truth predictive distribution is "
            "intrinsically mixed"
        ),
        silent="that interpretations must differ in their labels",
        fidelity="equivalent",
        severity="conclusion",
        breaks="interpretations may share a label, and one may have several",
        ref=("latent_ambiguity", "true_uncertainty", "mixture"),
        repair="lem_4_6.information",
    ),
)
_COIN, _SURE = (HALF, HALF), (Fraction(1), Fraction(0))


def completion(k: int, law: Any = (Fraction(2, 3), Fraction(1, 3))) -> list[str]:
    """k equally likely interpretations of one label law: the mixture is that law, A = log k."""
    weights = [Fraction(1, k)] * k
    truth = mixture(exact(weights), exact([law] * k))
    faults = is_("P(Y|x)", tuple(truth), tuple(law))
    return faults + overlap("A", latent_ambiguity(balls.balls(weights)), balls.log(k))


def _for_every_k() -> list[str]:
    """A mean of one value is that value: of P(y|x,z) = P(y|x), and of -log P(z|x) = log k."""
    faults = [f for sign in (1, -1) for f in mean_of_one_value("def_3_4", sign).faults()]
    return faults + [fault for k in (2, 3, 8) for fault in completion(k)]


def certain_yet_ambiguous(k: int = 2, law: Any = _SURE) -> list[str]:
    """k interpretations with the label 0: H* = 0 exactly, and A = log k > 0."""
    truth = mixture(exact([Fraction(1, k)] * k), exact([law] * k))
    return is_("max P(y|x)", max(truth), 1) + above(
        "A", lambda: latent_ambiguity(balls.balls([Fraction(1, k)] * k))
    )


def mixed_yet_unambiguous(law: Any = _COIN) -> list[str]:
    """One interpretation, a fair coin of a label: A = 0, H* = log 2."""
    ambiguity = latent_ambiguity(balls.balls([1]))
    return overlap("A", ambiguity, balls.ball(0)) + above(
        "H*", lambda: true_uncertainty(mixture(balls.balls([1]), balls.balls([law])))
    )


def _drawn(weights: str, laws: str, ambiguity: str) -> Callable[[], list[Row]]:
    return lambda: [("P(z|x)", weights), ("P(y|x,z)", laws), ("A", ambiguity)]


def pieces(claim: str) -> list[Piece]:
    """The evidence for one record of Definition 3.4."""
    if claim == "def_3_4":
        return [
            Piece(
                Kind.COMPLETION, "checked", "Z constant: P(Y|x) is the law of the one "
                "interpretation, any law, and A = 0", lambda: completion(1),
                instance=_drawn("(1)", "p", "0"),
            ),
            Piece(
                Kind.COMPLETION, "checked", "Z a fair k-sided coin independent of Y: the same "
                "P(Y|x), any law, and A = log k; every k", _for_every_k,
                instance=_drawn("1/k each", "p, k times", "log k"),
            ),
        ]  # fmt: skip
    return [
        Piece(
            Kind.COUNTEREXAMPLE, "checked", "two interpretations of one label: A = log 2, the "
            "truth is certain", certain_yet_ambiguous,
            instance=_drawn("(1/2, 1/2)", "(1, 0), (1, 0)", "log 2"),
        ),
        Piece(
            Kind.COUNTEREXAMPLE, "checked", "one interpretation, a fair coin of a label: A = 0, "
            "H* = log 2", mixed_yet_unambiguous, instance=_drawn("(1)", "(1/2, 1/2)", "0"),
        ),
    ]  # fmt: skip
