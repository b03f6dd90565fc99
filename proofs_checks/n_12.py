r"""Result n_12: a concave phi that links entropy to risk vanishes, unless no answer is ever right.

Claim: let some action a have a label y0 with l(a, y0) = 0 and a label y1 with l(a, y1) = M < inf.
If phi is concave on [0, log n] with phi(0) = 0 and ``E_P l(a, .) >= phi(H(P))`` for every P, then
phi <= 0; a nondecreasing one is 0.

Proof. Put mass d = 2^-k on y1 and the rest on y0. Assumption 2 says ``phi(h(d)) <= M d``, and
``h(d) >= d k log 2``, since the other term of h is >= 0. By concavity ``phi(u) <= u phi(h)/h`` for
h <= u, so that, if phi(u) > 0,

    phi(u) d k log 2  <=  phi(u) h(d)  <=  u phi(h(d))  <=  u M d.

Hence ``phi(u) k log 2 <= u M`` for every large k: phi(u) <= 0.

If 0 is only the infimum of a loss with values in [0, M], some action has loss at most d at some
label, whatever d; then ``phi(h(d)) <= d + M d``, and M + 1 takes the place of M. A loss without a
bound escapes: the log-loss has infimum 0, and phi(h) = h serves it, by the tangent of the
logarithm.
"""

from __future__ import annotations

from fractions import Fraction

from proofs_checks import balls, log_tangents
from proofs_checks.balls import Truth, decide, greater
from proofs_checks.checker import Polynomial
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece
from proofs_checks.lemma import HALF, Lemma, lemma, variables
from sua_ref import entropy, kl_divergence

_CREDIT = (
    "we found no earlier statement after a limited search; consistent with the slope 0 of the "
    "inverse of Fano's curve (Feder and Merhav 1994)"
)
CLAIMS = (
    Claim(
        id="n_12",
        kind="formal",
        title="A concave link from entropy to risk vanishes",
        statement=(
            "If some action has loss 0 at one label and a finite loss at another, then the only "
            "nondecreasing concave phi with phi(0) = 0 and E_P l(a, .) >= phi(H(P)) for every P "
            "is phi = 0."
        ),
        formula=r"\varphi(u)\,k\log 2 \le u\,M\quad\forall k \;\Rightarrow\; \varphi \equiv 0",
        source="ours",
        where="on Assumption 2",
        severity="conclusion",
        ref=("entropy",),
        credit=_CREDIT,
    ),
    Claim(
        id="n_12.infimum",
        kind="formal",
        title="The same where 0 is the infimum of a bounded loss",
        statement=(
            "For a loss with values in [0, M] that come arbitrarily near 0, the only admissible "
            "phi is 0: among bounded losses, only those bounded away from 0 have another."
        ),
        formula=r"\inf \ell = 0,\ \ell \le M \;\Rightarrow\; \varphi \equiv 0",
        source="ours",
        where="on Assumption 2",
        severity="remark",
        ref=("entropy",),
        credit=_CREDIT,
    ),
    Claim(
        id="n_12.log_loss",
        kind="formal",
        title="An unbounded loss may have infimum 0 and a link",
        statement=(
            "For the log-loss, whose infimum is 0, phi(h) = h is nondecreasing and concave, "
            "phi(0) = 0, and the expected loss of every prediction is at least phi(H(P))."
        ),
        formula=r"\mathbb{E}_{y\sim P}[-\log a_y] \ge H(P)",
        source="ours",
        where="on Assumption 2",
        severity="remark",
        ref=("kl_divergence", "entropy"),
        bound=True,
        credit="Gibbs' inequality",
    ),
)
_f, _fh, _h, _u, _M, _d, _k, _g, _c = variables("f fh h u M d k log2 c")


def rigidity(claim: str, most: Polynomial) -> Lemma:
    """``u M d - phi(u) d k log 2 >= 0``, where Assumption 2 gives ``phi(h) <= M d``."""
    return lemma(
        claim, _u * most * _d - _f * _d * _k * _g,
        atoms={
            "Assumption 2": most * _d - _fh, "phi is concave, phi(0) = 0": _u * _fh - _h * _f,
            "h >= d k log 2": _h - _d * _k * _g, "u": _u, "phi(u)": _f,
        },
        products={
            ("u", "Assumption 2"): 1, ("phi is concave, phi(0) = 0",): 1,
            ("phi(u)", "h >= d k log 2"): 1,
        },
    )  # fmt: skip


BINARY_ENTROPY = lemma(
    "n_12", _d * _k * _g + (1 - _d) * _c - _d * _k * _g,
    atoms={"1 - d": 1 - _d, "-log(1 - d)": _c}, products={("1 - d", "-log(1 - d)"): 1},
)  # fmt: skip
"""``h(d) - d k log 2 >= 0`` for d = 2^-k: -log d is k log 2, and the other term is >= 0."""
_p, _a, _cell = variables("p a K")
GIBBS = lemma(
    "n_12.log_loss", _cell + _p - _a, atoms={"cell": _cell}, products={("cell",): 1},
    zero={"p and a sum to 1": (_p - _a, -1)},
)  # fmt: skip
"""``sum p log(p/a) >= 0``, with the cell K = p log(p/a) - p + a."""


def vanishing(claim: str, most: Polynomial) -> list[str]:
    """The two lemmas, with the tangent that gives -log(1 - d) >= 0."""
    return log_tangents.tangent() + rigidity(claim, most).faults() + BINARY_ENTROPY.faults()


def _slopes() -> list[str]:
    """sua_ref's entropy at 2^-k: above 2^-k k log 2, and what is left for phi(log 2)."""
    faults = []
    for k in (1, 10, 60):
        d = Fraction(1, 2**k)

        def fine(d: Fraction = d, k: int = k) -> bool:
            h = entropy(balls.balls([1 - d, d]))
            left = balls.log(2) * balls.ball(d) / h
            return greater(h, balls.ball(d) * k * balls.log(2)) and greater(
                balls.ball(Fraction(1, k)), left
            )

        if decide(fine) is not Truth.TRUE:
            faults.append(f"k = {k}: not shown")
    return faults


def _equality() -> list[str]:
    p = balls.balls([Fraction(2, 3), Fraction(1, 3)])
    expected = sum(x * -y.log() for x, y in zip(p, p, strict=True))
    return [] if expected.overlaps(entropy(p)) else ["no equality at a = P"]


def _informative() -> list[str]:
    """A wrong prediction for a fair coin: the expected log-loss is between log 2 and 1."""
    p, a = balls.balls([HALF, HALF]), balls.balls([Fraction(3, 4), Fraction(1, 4)])

    def shown() -> bool:
        return greater(kl_divergence(p, a), balls.ball(0)) and greater(entropy(p), balls.ball(HALF))

    return [] if decide(shown) is Truth.TRUE else ["not shown"]


def pieces(claim: str) -> list[Piece]:
    """The evidence for one record of n_12."""
    if claim == "n_12.log_loss":
        return [
            Piece(
                Kind.PROOF, "checked", "every finite number of labels, P and prediction",
                lambda: log_tangents.tangent() + GIBBS.faults(),
            ),
            Piece(
                Kind.TIGHT, "checked", "equality at a = P: the same sum; in balls, P = (2, 1)/3",
                _equality, instance=lambda: [("P, a", "(2/3, 1/3), (2/3, 1/3)")],
            ),
            Piece(Kind.INFORMATIVE, "checked", "P = (1, 1)/2, a = (3, 1)/4", _informative),
        ]  # fmt: skip
    most = _M if claim == "n_12" else _M + 1
    return [
        Piece(
            Kind.PROOF, "checked", "every number of labels from 2 on, every loss of the kind, "
            "every k: phi(u) k log 2 <= u M (or u (M + 1))", lambda: vanishing(claim, most),
        ),
        Piece(
            Kind.SUPPORT, "checked", "sua_ref.entropy at 2^-k, in balls, k = 1, 10, 60: what is "
            "left for phi(log 2) is below M/k", _slopes,
        ),
    ]  # fmt: skip
