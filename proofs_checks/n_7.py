r"""Result n_7: label smoothing drives the SUA risk to 0 and changes no prediction.

``SUA' <= alpha SUA - (1 - alpha) lambda log n`` for every model that is smoothed with share alpha:
S' <= alpha S (lem_4_7.smoothing) and H' >= alpha H + (1 - alpha) log n (entropy is concave). If D
<= D_max and ``alpha <= lambda log n / (D_max + lambda log n)``, then SUA' <= 0 at every input:
R_SUA = 0, nothing is abstained from at tau = 0, and for alpha > 0 the order of the labels, hence
accuracy and robust accuracy, is what it was (lem_4_7.accuracy).

KL has no D_max; but smoothed outputs have ``KL <= n alpha^2/(1 - alpha)``, so SUA' <= 0 as soon as
``n alpha^2 <= lambda (1 - alpha)^2 log n``. (The audit's bound on KL is twice as large.)
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from proofs_checks import balls
from proofs_checks import label_smoothing as smoothing
from proofs_checks.balls import Truth, decide, greater
from proofs_checks.claim import Claim
from proofs_checks.counterexamples import Row, row
from proofs_checks.entropy_stability import smoothed
from proofs_checks.evidence import Kind, Piece
from proofs_checks.mixtures import integral_form
from sua_ref import accuracy, robust_accuracy, sua_risk, sua_score

_CREDIT = "we found no earlier statement after a limited search; convexity of D, concavity of H"
CLAIMS = (
    Claim(
        id="n_7",
        kind="formal",
        title="Label smoothing drives the SUA risk to 0",
        statement=(
            "Smoothing any model with share alpha gives SUA' <= alpha SUA - (1 - alpha) lambda log "
            "n. If D <= D_max and 0 < alpha <= lambda log n/(D_max + lambda log n), then R_SUA = "
            "0, full coverage at tau = 0, and every argmax is unchanged."
        ),
        formula=(
            r"\mathrm{SUA}' \le \alpha\,\mathrm{SUA} - (1-\alpha)\lambda\log n;\quad "
            r"\alpha \le \frac{\lambda\log n}{D_{\max} + \lambda\log n} \implies R_{\mathrm{SUA}} "
            r"= 0"
        ),
        source="ours",
        where="on Definition 3.10, (18) and the closing remark of section 4.5",
        severity="conclusion",
        uses=("lem_4_7.smoothing", "lem_4_7.accuracy"),
        ref=("sua_score", "sua_risk", "lem_4_7"),
        bound=True,
        credit=_CREDIT,
    ),
    Claim(
        id="n_7.kl",
        kind="formal",
        title="Label smoothing drives the SUA risk to 0 under KL too",
        statement=(
            "Under KL, smoothed outputs have S' <= n alpha^2/(1 - alpha), even where S is "
            "infinite; so R_SUA = 0 as soon as n alpha^2 <= lambda (1 - alpha)^2 log n."
        ),
        formula=r"\mathrm{KL}(p', q') \le \frac{n\alpha^2}{1-\alpha}",
        source="ours",
        where="on Definition 3.10 with D = KL",
        severity="conclusion",
        uses=("lem_4_7.accuracy",),
        ref=("sua_score", "sua_risk", "kl_divergence"),
        credit=_CREDIT,
    ),
)
_ONE, _ZERO, _HALF = Fraction(1), Fraction(0), Fraction(1, 2)
UNSTABLE: tuple[Row, Row] = ((_ONE, _ZERO), (_ZERO, _ONE))
"""A model that is certain at two inputs, which are each other's perturbation, and flips."""


def scores(outputs: tuple[Row, Row], lam: Fraction, divergence: str) -> list[object]:
    """SUA at either input, the other being its perturbation, in balls."""
    p, q = (balls.balls(v) for v in outputs)
    pairs = ((p, q[None, :]), (q, p[None, :]))
    return [sua_score(a, b, lam=lam, divergence=divergence) for a, b in pairs]


def gamed(alpha: Fraction, lam: Fraction, divergence: str) -> list[str]:
    """The certain and unstable model has R_SUA > 0; smoothed, 0, and it still errs the same."""
    before = scores(UNSTABLE, lam, divergence)
    mixed = tuple(smoothed(v, alpha) for v in UNSTABLE)
    after = scores((mixed[0], mixed[1]), lam, divergence)
    zero = balls.ball(0)
    faults = []
    high = decide(lambda: greater(sua_risk(np.array(before, dtype=object)), zero))
    if high is not Truth.TRUE:
        faults.append(f"R_SUA > 0 before: {high.value}")
    low = decide(lambda: all(greater(zero, v) for v in after))
    if low is not Truth.TRUE:
        faults.append(f"SUA < 0 after, at both inputs: {low.value}")
    truth = np.zeros(2, dtype=int)
    answers = [np.array([max(range(2), key=v.__getitem__) for v in w]) for w in (UNSTABLE, mixed)]
    scored = [(accuracy(f, truth), robust_accuracy(f[::-1, None], truth)) for f in answers]
    return faults if scored[0] == scored[1] else [*faults, f"accuracy changes: {scored}"]


def _proof() -> list[str]:
    return [
        *integral_form(),
        *smoothing.contracts_every_f_divergence(),
        *smoothing.entropy_is_concave(),
        *smoothing.gaming_bound(),
        *smoothing.gaming_threshold(),
        *smoothing.order_is_kept(),
    ]


def _kl_proof() -> list[str]:
    return [
        *integral_form(),
        *smoothing.smoothed_kl_is_bounded(),
        *smoothing.entropy_is_concave(),
        *smoothing.kl_threshold(),
        *smoothing.order_is_kept(),
    ]


def drawn() -> list[tuple[str, str]]:
    """The unstable model before and after."""
    mixed = (smoothed(v, _HALF) for v in UNSTABLE)
    return [
        ("q_x, q_x' before", f"{row(UNSTABLE[0])}, {row(UNSTABLE[1])}"),
        ("q_x, q_x' after", ", ".join(row(v) for v in mixed)),
        ("label at both inputs", "0"),
        ("lambda, D", "1, JSD"),
    ]


def pieces(claim: str) -> list[Piece]:
    """The evidence for ``n_7`` and its variant for KL."""
    if claim == "n_7.kl":
        return [
            Piece(
                Kind.PROOF, "checked",
                "every number of labels, model, lambda and alpha; all perturbations", _kl_proof,
            ),
            Piece(
                Kind.SUPPORT, "checked",
                "(1, 0) and (0, 1), lambda = 1, alpha = 1/4: S falls from infinity, R_SUA to 0",
                lambda: gamed(Fraction(1, 4), _ONE, "kl"),
            ),
        ]  # fmt: skip
    return [
        Piece(
            Kind.PROOF, "checked",
            "every number of labels, model, lambda and f-divergence; all perturbations", _proof,
        ),
        Piece(
            Kind.TIGHT, "checked",
            "TV and the uniform model: S = S' = 0, H = H' = log n, equality at every alpha",
            smoothing.gaming_bound_is_attained,
        ),
        Piece(
            Kind.INFORMATIVE, "checked",
            "(1, 0) and (0, 1), lambda = 1, alpha = 1/2, JSD: R_SUA falls from log 2 to 0",
            lambda: gamed(_HALF, _ONE, "jsd"), instance=drawn,
        ),
    ]  # fmt: skip
