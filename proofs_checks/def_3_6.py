r"""Definition 3.6: the predictive entropy is finite for finitely many labels, and need not be else.

Over n labels ``0 <= H <= log n``: p <= 1 gives -p log p >= 0, and Gibbs' inequality against the
uniform law gives the rest.

The text sets no bound on the output space, and means sequences too (section 7.4). Over countably
many labels, spread the mass 1/t over 2^t labels alike, for t = 2, 4, 8, ... Each block adds
``(1/t)(t log 2 + log t) >= log 2`` to the entropy: it is infinite. SUA is then -infinity for
a bounded D, and undefined for KL where S is infinite as well.
"""

from __future__ import annotations

from fractions import Fraction

from proofs_checks import balls, log_tangents
from proofs_checks.claim import Claim
from proofs_checks.comparisons import above, exact, is_, overlap
from proofs_checks.evidence import Kind, Piece
from proofs_checks.lemma import Lemma, lemma, variables
from sua_ref import predictive_entropy


def _claim(reading: str, statement: str, words: str, severity: str) -> Claim:
    return Claim(
        id=f"def_3_6.finite@{reading}",
        kind="formal",
        title="The predictive entropy is finite",
        statement=statement,
        formula=r"H_\theta(x) = -\sum_y P_\theta(y|x)\log P_\theta(y|x) < \infty",
        source="printed",
        where="section 3.4, Definition 3.6, equation (5), for the output space of section 3.1",
        quote="The predictive entropy of at is:",
        silent="whether the output space is finite",
        reading=words,
        fidelity="equivalent",
        severity="remark" if severity == "remark" else "step",
        ref=("predictive_entropy", "sua_score"),
        repair=None if reading == "finite" else "def_3_6.finite@finite",
        breaks="" if reading == "finite" else "infinitely many blocks may each add log 2",
        bound=reading == "finite",
        credit="Gibbs' inequality" if reading == "finite" else "folklore",
    )


CLAIMS = (
    _claim(
        "finite", "Over n labels, 0 <= H_theta(x) <= log n.", "finitely many labels", "remark"
    ),
    _claim(
        "countable", "Over countably many labels, H_theta(x) is finite for every model.",
        "countably many outputs, such as sequences of tokens", "step",
    ),
)  # fmt: skip
_p, _c, _l, _u, _r, _t, _g, _h = variables("p c L u r t g h")
UNIFORM = lemma(
    "def_3_6.finite@finite", _p * _l - _c, atoms={"Gibbs": _p * _l - _c - _p + _u},
    products={("Gibbs",): 1}, zero={"both laws sum to 1": (_p - _u, -1)}, common="L",
)  # fmt: skip
"""``log n - H >= 0``: c = -p log p, L = log n, u = 1/n."""
NONNEGATIVE = lemma(
    "def_3_6.finite@finite", _p * _c, atoms={"p": _p, "-log p": _c}, products={("p", "-log p"): 1}
)
"""``H >= 0``, here with c = -log p >= 1 - p >= 0."""


def block(goal_at_least: int = 1) -> Lemma:
    """``(1/t)(t log 2 + log t) - log 2 >= 0`` for t >= 1: r = 1/t, g = log 2, h = log t."""
    return lemma(
        "def_3_6.finite@countable", _r * (_t * _g + _h) - goal_at_least * _g,
        atoms={"1/t": _r, "log t": _h}, products={("1/t", "log t"): 1},
        zero={"t (1/t) = 1": (_r * _t - 1, -1 * _g)}, common="g",
    )  # fmt: skip


def _blocks() -> list[str]:
    """The masses sum to 1, and the first blocks have the entropy said, exactly and in balls."""
    faults = []
    for j in (1, 2, 3):
        t = 2**j
        law = exact([Fraction(1, t * 2**t)] * 2**t)
        faults += is_(f"mass of block {j}", sum(law), Fraction(1, t))
        faults += is_("what is left", 1 - sum(Fraction(1, 2**i) for i in range(1, j + 1)),
                      Fraction(1, t))  # fmt: skip
        entropy = sum((-p * p.log() for p in balls.balls(law)), balls.ball(0))
        faults += overlap("entropy", entropy, balls.log(2) + balls.log(t) / t)
    return faults


def _uniform() -> list[str]:
    faults = []
    for n in (1, 2, 7):
        h = predictive_entropy(balls.balls([Fraction(1, n)] * n))
        faults += overlap(f"H at n = {n}", h, balls.log(n))
    return faults


def _below() -> list[str]:
    law = [Fraction(3, 4), Fraction(1, 4)]
    return above("log 2 - H", lambda: balls.log(2) - predictive_entropy(balls.balls(law)))


def pieces(claim: str) -> list[Piece]:
    """The evidence for one record of Definition 3.6."""
    if claim == "def_3_6.finite@countable":
        return [
            Piece(
                Kind.COUNTEREXAMPLE, "checked", "mass 2^-j spread over 2^(2^j) labels, j = 1, 2, "
                "...: every block adds at least log 2", lambda: block().faults() + _blocks(),
                instance=lambda: [("block j", "2^(2^j) labels of mass 2^-j together"),
                                  ("its entropy", "log 2 + j log 2/2^j"), ("H", "infinite")],
            )
        ]  # fmt: skip
    return [
        Piece(
            Kind.PROOF, "checked", "every finite number of labels",
            lambda: log_tangents.tangent() + UNIFORM.faults() + NONNEGATIVE.faults(),
        ),
        Piece(Kind.TIGHT, "checked", "log n at the uniform law, n = 1, 2, 7, in balls", _uniform),
        Piece(Kind.INFORMATIVE, "checked", "(3, 1)/4: H is below log 2", _below),
    ]  # fmt: skip
