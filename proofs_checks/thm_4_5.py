r"""Theorem 4.5, inequality (12): no statement while its slack is open, and refuted where it is 0.

The slack c_b is described ("bin width", "estimator variance") and never defined. With c_b = 1 the
right side is 0, as S_TV <= 1, and the theorem says nothing. With c_b = 0, which the description
leaves where all confidences of a bin are equal and S is exact, it fails: what a model does at
inputs that never occur costs it no calibration, and where they do occur, flips of one bin are made
up for in another. The losses are 0-1 and D is total variation, so that L_D = 1: a factor 1/L_D or
L_D before the sum changes nothing. By the theorem's own hypothesis S_b >= lambda H_b, nor does the
positive part.

No repair can do without knowledge of the labels. Given any model, perturbation and confidence, let
the label law of x give the answer f(x) the probability Conf(x) and share the rest among the n - 1
other labels: every accuracy is its confidence and ECE = 0 in every binning. n_1 and n_16 assume
that the perturbation keeps the labels and the law of the inputs. Even then the positive part must
not stand inside the mean: in the world ``certain_and_torn`` ECE = 0 bin by bin, and
E (S - lambda H)_+ >= 1/4 for every lambda.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from proofs_checks import balls
from proofs_checks import calibration_worlds as worlds
from proofs_checks import flip_witnesses as seen
from proofs_checks.balls import decide, greater
from proofs_checks.calibration_worlds import World
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.lemma import lemma, variables
from sua_ref import Bound, sua_risk, sua_score, thm_4_5
from sua_ref.sec4_population import CONFIDENCES, WEIGHTINGS

_SLACK = "is a bin-dependent slack depending on bin width and the estimator variance of"
_FORMULA = (
    r"\mathrm{ECE} \ge \frac1B \sum_{b=1}^B"
    r" \left(\bar S_b - \lambda \bar H_b - c_b\right)_+"
)
_BREAKS = (
    "step 3 of A.2 takes the upper bound R_rob <= R + ... with R_rob >= R for a lower bound of R"
)
_WORDS = {
    "entropy": "Conf = 1 - H/log n",
    "max": "Conf = max q, over inputs where it falls as the entropy rises",
    "bins": "each bin counts 1/B",
    "mass": "each bin counts its probability",
}


def _zero_slack(confidence: str, weighting: str) -> Claim:
    return Claim(
        id=f"thm_4_5@zero_slack.{confidence}.{weighting}",
        kind="formal",
        title="SUA violation lower-bounds calibration error, (12), without slack",
        statement=(
            "If all confidences of a bin are equal and S is exact, so that the slack is 0, and S_b "
            ">= lambda H_b in each bin, then the ECE is at least the weighted sum of S_b - lambda "
            "H_b."
        ),
        formula=_FORMULA.replace(" - c_b", ""),
        source="reconstructed",
        where="section 4.3, Theorem 4.5, inequality (12); proof in A.2",
        quote=_SLACK,
        silent="the formula of (12); that c_b = 0 here is what its description leaves",
        reading=(
            f"{_WORDS[confidence]}; {_WORDS[weighting]}; 0-1 loss and TV, so that L_D = 1 and the "
            "factors 1, 1/L_D and L_D agree; with or without the positive part, by the hypothesis"
        ),
        severity="conclusion",
        breaks=_BREAKS,
        ref=("thm_4_5", "population_calibration_error"),
        repair="n_16" if confidence == "max" else "n_1.entropy_confidence",
    )


def _part(name: str, title: str, statement: str, formula: str, quote: str, **more: Any) -> Claim:
    return Claim(
        id=f"thm_4_5.{name}", kind="formal", title=title, statement=statement, formula=formula,
        source="reconstructed", quote=quote, severity="conclusion",
        ref=("thm_4_5", "population_calibration_error", "sua_risk"), **more,
    )  # fmt: skip


CLAIMS = (
    Claim(
        id="thm_4_5@any_slack",
        kind="formal",
        title="SUA violation lower-bounds calibration error, inequality (12)",
        statement=(
            "With Conf = g(H), g nonincreasing, and S_b >= lambda H_b in each of B bins, the ECE "
            "is at least the mean over bins of (S_b - lambda H_b - c_b)_+."
        ),
        formula=_FORMULA,
        source="reconstructed",
        where="section 4.3, Theorem 4.5, inequality (12); proof in A.2",
        quote=_SLACK,
        silent="c_b itself: with c_b = 1 it is empty, with c_b = 0 it is false",
        reading="c_b is left open, as in the paper",
        severity="conclusion",
        breaks=_BREAKS,
        ref=("thm_4_5",),
        repair="n_16",
    ),
    *(_zero_slack(c, w) for c, w in product(CONFIDENCES, WEIGHTINGS)),
    _part(
        "weights", "Equal weights for unequal bins",
        "With bins of any probability w_b, (12) with the factor 1/B holds without slack wherever "
        "each bin's own gap is at least S_b - lambda H_b.",
        r"\sum_b w_b\,|\mathrm{acc}_b - \mathrm{conf}_b|"
        r" \ge \frac1B \sum_b \left(\bar S_b - \lambda \bar H_b\right)_+",
        "uses equal bin sizes for simplicity (the general unequal-bin case follows analogously)",
        where="A.2, step 4", silent="the formula",
        breaks="a bin with few inputs counts 1/B on the right and hardly anything on the left",
        repair="n_1.per_bin",
    ),
    _part(
        "persistent", "Persistent SUA violation lower-bounds calibration error",
        "For some lambda and some c > 0, ECE >= c R_SUA, R_SUA = E (S - lambda H)_+, in every "
        "world where the perturbation keeps the labels and the law of the inputs.",
        r"\mathrm{ECE} \ge c\,\mathbb{E}\left(S - \lambda H\right)_+",
        "persistent SUA violation lower-bounds calibration error (Theorem 4.5)",
        where="section 1, contribution 2; abstract",
        silent="the formula, lambda, the constant and the hypotheses: the strongest are granted",
        reading="D is TV, Conf = max q, one bin for each confidence or any coarser binning",
        breaks="certain answers that turn into coins and back are calibrated bin by bin",
        repair="n_16",
    ),
    _part(
        "improves", "A lower SUA risk comes with a lower calibration error",
        "Of two models in one world, the one with the lower SUA risk has an ECE no higher.",
        r"R_{\mathrm{SUA}}(\theta') < R_{\mathrm{SUA}}(\theta) \Rightarrow"
        r" \mathrm{ECE}(\theta') \le \mathrm{ECE}(\theta)",
        "provides a mechanism to improve ECE", where="section 4.3, the interpretation of (12)",
        silent="what is held fixed", fidelity="related",
        reading="as a comparison of models; a lower bound of the ECE would not give it",
        breaks="a constant model has SUA risk 0, whatever its calibration", repair="n_16",
    ),
    Claim(
        id="thm_4_5.no_go",
        kind="formal",
        title="No bound on the calibration error from the model and the perturbation alone",
        statement=(
            "With two or more labels, for every model, perturbation and confidence function in [0, "
            "1] there is a label law under which the ECE is 0 in every binning. So a lower bound "
            "that is a function of these three alone is never positive."
        ),
        formula=r"\forall\,\theta, \Pi, \mathrm{Conf}\ \exists\,P:\ \mathrm{ECE} = 0",
        source="ours",
        where="on Theorem 4.5: why its repair needs hypotheses on the labels",
        severity="conclusion",
        ref=("population_calibration_error",),
        credit="we found no earlier statement after a limited search; elementary",
    ),
)  # fmt: skip

_S, _H, _lam, _c = variables("S H lambda c")
EMPTY = lemma(
    "thm_4_5@any_slack",
    _c + _lam * _H - _S,
    atoms={"S <= c_b": _c - _S, "lambda": _lam, "H": _H},
    products={("S <= c_b",): 1, ("lambda", "H"): 1},
)
"""``S_b - lambda H_b - c_b <= 0`` where c_b = 1: every term of (12) is 0."""
_a, _conf, _n, _r = variables("a Conf n r")
TRUTH = lemma(
    "thm_4_5.no_go", _a * _conf + (1 - _a) * _r,
    atoms={"a": _a, "1 - a": 1 - _a, "Conf": _conf, "r": _r},
    products={("a", "Conf"): 1, ("1 - a", "r"): 1}, common="Conf n r",
)  # fmt: skip
"""The label law ``a Conf + (1 - a) r``, a being the indicator of the answer, is >= 0."""


def _total() -> list[str]:
    """n - 1 shares r = (1 - Conf)/(n - 1) and Conf make 1, as polynomials times n - 1."""
    whole = (_n - 1) * _conf + (_n - 1) * (1 - _conf)  # (n - 1) (Conf + (n - 1) r)
    return [] if whole == _n - 1 else ["the label law does not sum to 1"]


def _no_go() -> list[str]:
    return TRUTH.faults() + _total() + _no_go_in_worlds()


def _no_go_in_worlds() -> list[str]:
    """The construction for the models of three worlds, in Fractions: ECE = 0."""
    faults = []
    for world in (worlds.OFF_DISTRIBUTION, worlds.FLIPPED_COINS, worlds.ONE_BIN):
        laws = []
        for q in world.model:
            answer = q.index(max(q))
            rest = (1 - max(q)) / (len(q) - 1)
            laws.append(tuple(max(q) if y == answer else rest for y in range(len(q))))
        told = World(world.name, world.p_x, tuple(laws), world.model, world.kernel)
        faults += seen.same(world.name, told.finest_error(), Fraction(0))
    return faults


def evaluated(world: World, lam: Fraction, confidence: str, weighting: str, n_bins: int) -> Bound:
    """(12) in balls, without slack."""
    return thm_4_5(
        world.in_balls(), lam=lam, confidence=confidence, weighting=weighting, n_bins=n_bins
    )


def _violated(world: World, lam: Fraction, confidence: str, weighting: str) -> list[str]:
    """The left side, with 15 bins, is certified to exceed the ECE."""

    def violated() -> bool:
        b = evaluated(world, lam, confidence, weighting, 15)
        return all(b.hypotheses.values()) and greater(b.lhs, b.rhs)

    answer = decide(violated)
    alike = {q for q, d in zip(world.model, world.p_x, strict=True) if d > 0}
    confidences = {max(q) for q in alike}
    faults = [] if len(confidences) <= 2 else ["a bin holds different confidences"]
    return faults + seen.shown(answer, "lhs > rhs under the hypotheses")


def _off(confidence: str, weighting: str) -> list[str]:
    """Every lambda > 0: the entropy is exactly 0, so that lambda drops out."""
    world = worlds.OFF_DISTRIBUTION
    faults = [] if world.entropy().is_zero() else ["H is not 0"]
    return faults + _violated(world, Fraction(1), confidence, weighting)


_WITHIN = {
    "entropy": (worlds.ENTROPY_READ, Fraction(1)),
    "max": (worlds.CERTAIN_AND_TORN, Fraction(1, 2)),
}


def _drawn(world: World, lam: Fraction, confidence: str, weighting: str) -> list[Row]:
    b = evaluated(world, lam, confidence, weighting, 15)
    return [
        *world.lines(),
        ("lambda, B", f"{lam}, 15"),
        ("claimed lower bound", b.lhs.str(6, radius=False)),
        ("ECE", b.rhs.str(6, radius=False)),
    ]


def _zero_slack_pieces(confidence: str, weighting: str) -> list[Piece]:
    world, lam = _WITHIN[confidence]
    return [
        Piece(
            Kind.COUNTEREXAMPLE, "checked", "every lambda > 0: a perfect model, perturbed to an "
            "input that never occurs", lambda: _off(confidence, weighting),
            instance=lambda: _drawn(worlds.OFF_DISTRIBUTION, Fraction(1), confidence, weighting),
        ),
        Piece(
            Kind.COUNTEREXAMPLE, "checked", f"within the distribution, which the perturbation "
            f"keeps, as it keeps the labels; lambda = {lam}",
            lambda: world.hypothesis_faults() + _violated(world, lam, confidence, weighting),
            instance=lambda: _drawn(world, lam, confidence, weighting),
        ),
    ]  # fmt: skip


def _weights() -> list[str]:
    """Each bin's gap is at least S_b - lambda H_b, and the mean over bins exceeds the ECE."""
    world, lam = worlds.UNEQUAL_BINS, Fraction(18, 25)
    gaps = (Fraction(1), Fraction(1, 100))  # |acc - conf| in the two bins
    masses = (Fraction(1, 100), Fraction(99, 100))
    ece = sum(w * g for w, g in zip(masses, gaps, strict=True))
    faults = seen.same("ECE", seen.error(world, 2), ece)

    def each_bin_holds() -> bool:
        torn = balls.ball(Fraction(1, 2)) - balls.ball(lam) * balls.log(2)
        return greater(torn, balls.ball(0)) and greater(balls.ball(gaps[1]), torn)

    def violated() -> bool:
        b = evaluated(world, lam, "max", "bins", 2)
        return all(b.hypotheses.values()) and greater(b.lhs, b.rhs)

    faults += seen.shown(decide(each_bin_holds), "0 < S_b - lambda H_b < the gap")
    return faults + seen.shown(decide(violated), "lhs > rhs")


def _persistent() -> list[str]:
    """Certain inputs, of probability 1/2: S = 1/2 and H = 0, so (S - lambda H)_+ = 1/2 there."""
    world = worlds.CERTAIN_AND_TORN
    faults = world.hypothesis_faults() + seen.same("ECE", world.finest_error(), Fraction(0))
    built, excess = world.built(), Fraction(0)
    for x in range(len(built)):
        p, perturbed, _, weights, _ = built.arguments(x)
        if max(p) == 1:  # entropy 0: lambda does not count
            s = sum(w * abs(q - p).sum() / 2 for w, q in zip(weights, perturbed, strict=True))
            excess += built.p_x[x] * s
    return faults + seen.same("E (S - lambda H)_+ over the certain inputs", excess, Fraction(1, 4))


def _scores(world: World) -> Any:
    built = world.in_balls()
    found = []
    for x in range(len(built)):
        p, perturbed, _, weights, _ = built.arguments(x)
        found.append(sua_score(p, perturbed, lam=1, divergence="tv", weights=weights))
    return sua_risk(np.array(found, dtype=object), weights=built.p_x)


def _improves() -> list[str]:
    """The SUA risk falls from 1 to 0, and the ECE rises from 0 to 1."""
    before, after = worlds.OFF_DISTRIBUTION, worlds.ALWAYS_WRONG
    faults = seen.same("ECE before", before.finest_error(), Fraction(0))
    faults += seen.same("ECE after", after.finest_error(), Fraction(1))
    faults += seen.same("the world", before.p_true + before.kernel, after.p_true + after.kernel)
    risks = (_scores(before) == 1, _scores(after) == 0)
    return faults + ([] if all(risks) else ["the SUA risks are not 1 and 0"])


_SINGLE: dict[str, tuple[Kind, str, Callable[[], list[str]], Callable[[], list[Row]] | None]] = {
    "thm_4_5.weights": (
        Kind.COUNTEREXAMPLE, "bins of probability 1/100 and 99/100: each bin bears out its own "
        "term, and above 1/2 <= .0199 is claimed", _weights, worlds.UNEQUAL_BINS.lines,
    ),
    "thm_4_5.persistent": (
        Kind.COUNTEREXAMPLE, "every lambda and every c > 0: ECE = 0 bin by bin, R_SUA >= 1/4",
        _persistent, worlds.CERTAIN_AND_TORN.lines,
    ),
    "thm_4_5.improves": (
        Kind.COUNTEREXAMPLE, "a perfect model against a constant one that is certain and wrong: "
        "R_SUA from 1 to 0, ECE from 0 to 1", _improves, worlds.ALWAYS_WRONG.lines,
    ),
    "thm_4_5.no_go": (
        Kind.PROOF, "every finite number of inputs and of labels >= 2, every confidence function",
        _no_go, None,
    ),
}  # fmt: skip


def pieces(claim: str) -> list[Piece]:
    """The evidence for one record of Theorem 4.5."""
    if claim in _SINGLE:
        kind, scope, run, instance = _SINGLE[claim]
        return [Piece(kind, "checked", scope, run, instance=instance)]
    if "@zero_slack" in claim:
        confidence, weighting = claim.split(".")[-2:]
        return _zero_slack_pieces(confidence, weighting)
    return [
        Piece(
            Kind.COMPLETION, "checked", "c_b = 0, for bins of equal confidences and exact S: false",
            lambda: _off("entropy", "bins"), instance=worlds.OFF_DISTRIBUTION.lines,
        ),
        Piece(
            Kind.COMPLETION, "checked", "c_b = 1, or any c_b >= S_b: every term is 0, and it holds "
            "in every world", EMPTY.faults,
        ),
    ]  # fmt: skip
