r"""Definition 3.8: a miscalibration gap of 0 is neither needed for calibration nor enough for it.

An entropy does not say which label is likely: (9, 1)/10 and (1, 9)/10 have the same. And a model
that says (1, 1)/2 of every input is calibrated, even as a distribution, where half of the inputs
have label 0 and the rest label 1. What calibration does give is a sign, on average: if the label is
distributed as the output says, given the output, then

    E[H_theta - H*] = E KL(p_X || q_X) >= 0,

for both sides are E[-log q_X(Y)] - H*, and the mean of -log q under p_x and under q_x is the same
at each value of q.

SUA does not see the truth at all. Given the model, Delta may be anything from 0 to max(H_theta,
log n - H_theta), so no bound of Delta by SUA says more than that.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from proofs_checks import balls, log_tangents
from proofs_checks.claim import Claim, Severity
from proofs_checks.comparisons import above, exact, is_, overlap
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.lemma import HALF, Lemma, lemma, variables
from sua_ref import (
    FiniteWorld,
    kl_divergence,
    miscalibration_gap,
    population_calibration_error,
    sua_score,
)

_CALIBRATED = "A perfectly calibrated model in the entropy sense satisfies for all ."


def _claim(
    part: str, title: str, statement: str, formula: str, quote: str, silent: str, *,
    severity: Severity, breaks: str = "", repair: str | None = None,
) -> Claim:  # fmt: skip
    return Claim(
        id=f"def_3_8.{part}",
        kind="formal",
        title=title,
        statement=statement,
        formula=formula,
        source="reconstructed",
        where="section 3.4, the sentences after Definition 3.8",
        quote=quote,
        silent=silent,
        fidelity="equivalent",
        severity=severity,
        breaks=breaks,
        ref=("miscalibration_gap", "population_calibration_error", "sua_score"),
        repair=repair,
    )


CLAIMS = (
    _claim(
        "calibrated_if", "A gap of 0 everywhere means that the model is calibrated",
        "If Delta(x) = 0 for every x, the model is calibrated.",
        r"\Delta \equiv 0 \Rightarrow \mathrm{ECE} = 0", _CALIBRATED,
        "whether it defines a calibration of its own or speaks of that of section 2.3",
        severity="remark", breaks="an entropy does not say which label is likely",
        repair="def_3_8.refinement",
    ),
    _claim(
        "calibrated_only_if", "A calibrated model has a gap of 0 everywhere",
        "If the model is calibrated, Delta(x) = 0 for every x.",
        r"P(Y = \cdot\,|\,P_\theta) = P_\theta \Rightarrow \Delta \equiv 0", _CALIBRATED,
        "whether it defines a calibration of its own or speaks of that of section 2.3",
        severity="remark", breaks="calibration is a mean over the inputs with one output",
        repair="def_3_8.refinement",
    ),
    _claim(
        "sua_bound", "SUA bounds the miscalibration gap",
        "Delta(x) is bounded by a function of SUA(x) that is below its trivial bound log n.",
        r"\Delta(x) \le g(\mathrm{SUA}(x)) < \log n",
        "We will use as a target quantity to bound using .", "which bound, above or below",
        severity="conclusion", breaks="SUA is a function of the model alone",
        repair="lem_4_6.information",
    ),
    Claim(
        id="def_3_8.refinement",
        kind="formal",
        title="A calibrated model is on average no surer than the truth",
        statement=(
            "If P(Y = .|q_X) = q_X, then E[H_theta - H*] = E KL(p_X || q_X) >= 0: the mean gap is "
            "at least the mean divergence from the truth."
        ),
        formula=(
            r"\mathbb{E}\,\Delta \ge \mathbb{E}[H_\theta - H^*] = \mathbb{E}\,\mathrm{KL}(p_X\,\|\,"
            r"q_X) \ge 0"
        ),
        source="ours",
        where="repair of the sentence after Definition 3.8",
        severity="remark",
        ref=("miscalibration_gap", "kl_divergence"),
        bound=True,
        credit=(
            "the refinement term of the log score: DeGroot and Fienberg 1983; Brocker 2009, from "
            "memory"
        ),
    ),
)  # fmt: skip
_x, _p, _q, _l, _c, _gap = variables("w p q l c Delta")


def refinement(sign: int) -> Lemma:
    """``sign (E H_theta - E H* - E KL) = 0`` over inputs of weight w and labels: l = -log q, c =
    -p log p, so that the cells of the three are q l, c and p l - c."""
    goal = _x * (_q * _l - _c - (_p * _l - _c))
    return lemma(
        "def_3_8.refinement", sign * goal, atoms={}, products={},
        zero={"calibrated, at each value of l": (_x * _l * (_q - _p), -sign)},
    )  # fmt: skip


DIVERGENCE = lemma(
    "def_3_8.refinement", _x * (_p * _l - _c),
    atoms={"w": _x, "Gibbs": _p * _l - _c - _p + _q}, products={("w", "Gibbs"): 1},
    zero={"p and q sum to 1": (_x * (_p - _q), -1)},
)  # fmt: skip
"""``E KL >= 0``."""
GAP = lemma(
    "def_3_8.refinement", _x * (_gap - _l + _c), atoms={"w": _x, "Delta": _gap - _l + _c},
    products={("w", "Delta"): 1},
)  # fmt: skip
"""``E Delta >= E[H_theta - H*]`` over inputs: here l and c are the two entropies."""
_NINE = (Fraction(9, 10), Fraction(1, 10))
_COIN, _SURE, _OTHER = (HALF, HALF), (1, 0), (0, 1)


def _world(model: Any, truths: Any) -> Any:
    """Equally likely inputs with one interpretation, which perturb into themselves."""
    k = len(truths)
    identity = [[int(i == j) for j in range(k)] for i in range(k)]
    return FiniteWorld(
        exact([Fraction(1, k)] * k), exact([[1]] * k), exact([[law] for law in truths]),
        exact(model), exact(identity), [[i == j for j in range(k)] for i in range(k)],
    )  # fmt: skip


def _error(model: Any, truths: Any) -> Any:
    return population_calibration_error(_world(model, truths))


def gap_zero_error_large(model: Any = _NINE[::-1], law: Any = _NINE) -> list[str]:
    """The model is the truth with its labels exchanged: Delta = 0 exactly, ECE = 4/5."""
    faults = is_("the sorted outputs", sorted(model), sorted(law))
    return faults + is_("ECE", _error([model], [law]), Fraction(4, 5))


def calibrated_with_gap(model: Any = _COIN, laws: Any = (_SURE, _OTHER)) -> list[str]:
    """Both inputs have the output (1, 1)/2, which is the mean of their label laws: Delta > 0."""
    mean = [sum(column) * HALF for column in zip(*laws, strict=True)]
    faults = is_("the mean label law", mean, list(model))
    faults += is_("ECE", _error([model] * 2, laws), 0)
    for law in laws:
        p, truth = balls.balls(model), balls.balls(law)
        faults += above("Delta", lambda p=p, truth=truth: miscalibration_gap(p, truth), HALF)  # type: ignore[misc]  # bound now
    return faults


def any_gap(model: Any = _SURE) -> list[str]:
    """A certain and stable model has SUA = 0 for every lambda, and Delta = 0 or log 2."""
    p = balls.balls(model)
    faults = []
    for lam in (Fraction(1, 10), Fraction(3)):
        score = sua_score(p, p[None], lam=lam, divergence="tv")
        faults += [] if score == 0 else [f"SUA is {score}"]
    faults += overlap("Delta", miscalibration_gap(p, balls.balls(model)), balls.ball(0))
    largest = miscalibration_gap(p, balls.balls(_COIN))
    return faults + overlap("Delta", largest, balls.log(2)) + above("Delta", lambda: largest, HALF)


def _range() -> list[str]:
    """For n labels and any model: a one-hot truth has Delta = H, the uniform one log n - H."""
    faults = []
    for model in ((HALF, HALF), _NINE, (HALF, Fraction(1, 3), Fraction(1, 6))):
        n = len(model)
        p = balls.balls(model)
        h = miscalibration_gap(p, balls.balls([1] + [0] * (n - 1)))
        rest = miscalibration_gap(p, balls.balls([Fraction(1, n)] * n))
        faults += overlap("the two gaps", h + rest, balls.log(n))
    return faults


def _equality() -> list[str]:
    """Labels 0 and 1, model (1, 1)/2: Delta = KL(p||q) = log 2 at both inputs."""
    faults = []
    for law in (_SURE, _OTHER):
        p, q = balls.balls(law), balls.balls(_COIN)
        faults += overlap("Delta - KL", miscalibration_gap(q, p), kl_divergence(p, q))
        faults += above("KL", lambda p=p, q=q: kl_divergence(p, q), HALF)  # type: ignore[misc]  # bound now
    return faults


def _speaks() -> list[str]:
    """Labels (1, 0) and (1, 1)/2, the model (3, 1)/4: ``1/5 < E KL < E Delta``."""
    q, laws = balls.balls((Fraction(3, 4), Fraction(1, 4))), balls.balls((_SURE, _COIN))

    def means() -> tuple[Any, Any]:
        return (
            sum(kl_divergence(p, q) for p in laws) / 2,
            sum(miscalibration_gap(q, p) for p in laws) / 2,
        )

    faults = above("E KL", lambda: means()[0], Fraction(1, 5))
    return faults + above("E Delta - E KL", lambda: means()[1] - means()[0], Fraction(1, 10))


def _proof() -> list[str]:
    parts = (refinement(1), refinement(-1), DIVERGENCE, GAP)
    return log_tangents.tangent() + [fault for part in parts for fault in part.faults()]


def pieces(claim: str) -> list[Piece]:
    """The evidence for one record of Definition 3.8."""
    two: list[Row] = [("p_x", "(1, 0), (0, 1)"), ("q_x", "(1/2, 1/2) twice")]
    if claim == "def_3_8.calibrated_if":
        return [
            Piece(
                Kind.COUNTEREXAMPLE, "checked", "truth (9, 1)/10, model (1, 9)/10: Delta = 0, the "
                "entropies having the same terms, and ECE = 4/5 (Fractions)", gap_zero_error_large,
                instance=lambda: [("p_x", "(9/10, 1/10)"), ("q_x", "(1/10, 9/10)")],
            )
        ]  # fmt: skip
    if claim == "def_3_8.calibrated_only_if":
        return [
            Piece(
                Kind.COUNTEREXAMPLE, "checked", "labels 0 and 1 at equally likely inputs, model "
                "(1, 1)/2: P(Y|q_X) = q_X, ECE = 0, Delta = log 2", calibrated_with_gap,
                instance=lambda: two,
            )
        ]  # fmt: skip
    if claim == "def_3_8.sua_bound":
        return [
            Piece(
                Kind.COUNTEREXAMPLE, "checked", "the constant model (1, 0) under the truths (1, 0) "
                "and (1, 1)/2: SUA = 0, Delta = 0 and log 2 = log n", any_gap,
                instance=lambda: [("q_x, q_x'", "(1, 0)"), ("p_x", "(1, 0) or (1/2, 1/2)")],
            ),
            Piece(
                Kind.SUPPORT, "checked", "Delta is H at a one-hot truth and log n - H at the "
                "uniform one: three models on 2 and 3 labels, in balls", _range,
            ),
        ]  # fmt: skip
    return [
        Piece(
            Kind.PROOF, "checked", "every finite number of inputs and labels, and every model "
            "calibrated as a distribution", _proof,
        ),
        Piece(
            Kind.TIGHT, "checked", "labels 0 and 1, model (1, 1)/2: both sides are log 2",
            _equality, instance=lambda: two,
        ),
        Piece(
            Kind.INFORMATIVE, "checked", "labels (1, 0) and (1, 1)/2, model (3, 1)/4: above 1/5, "
            "and 1/10 below the gap", _speaks,
        ),
    ]  # fmt: skip
