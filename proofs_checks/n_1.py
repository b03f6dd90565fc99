r"""Result n_1: flips, and sensitivity beyond entropy, bound the calibration error from below.

X is an input, X' its perturbation; X' has the law of X (stationary), and ``TV(p_X, p_X') <=
delta``, which may depend on the pair. For every confidence function and every binning

    (A)  ECE >= E Conf - 1 + (1/2) E (1 - delta) 1{f(X') != f(X)},

and for the confidence max q, D being total variation,

    (B)  ECE >= (1/2) (E S - (2/log 2) E H - E delta 1{f(X') != f(X)}).

Proof. The numbers are the lemmas of :mod:`proofs_checks.flip_pairs`. (A): all weights u = 1 in 1,
so that ECE >= E (Conf - acc); by 2 the mean may be taken over both members of a pair, where by 4
acc + acc' is at most 1 + delta on a flip and 2 elsewhere. (B): E Conf - 1 = -E e = -E (e + e')/2,
and by 5 ``1{flip} - (e + e') >= T - 2 (e + e')`` on every pair; E T = E S, and e <= H/(2 log 2) by
n_17.linear. If only ``Conf >= 1 - a H`` is known, (A) with 1{flip} >= T - (e + e') and the same
line gives ``(1/2) (E S - (2 a + 1/log 2) E H - ...)``.

For any perturbation the same holds under the law (D + D')/2 of the inputs, S, flips and delta being
means over the pair. If Pi keeps a bin, D restricted to it is stationary: nothing flows in, as
nothing flows out and the mass stays; so (B) holds for the bin's own term of the ECE, and may be
summed with positive parts and the bins' masses as weights.

For m independent pairs W_i = Conf_i - 1 + 1{flip_i}/2 lies in [-1, 1/2], and E W is (A) with
delta = 0. By Hoeffding's inequality (1963) the mean of W exceeds E W + (3/2) sqrt(log(1/d)/(2m))
with probability at most d.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any, Literal

from proofs_checks import balls, n_16
from proofs_checks import calibration_worlds as worlds
from proofs_checks import flip_pairs as pairs
from proofs_checks import flip_witnesses as seen
from proofs_checks.calibration_worlds import World
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece, written
from proofs_checks.lemma import HALF, lemma, variables

_NEAREST = (
    "we found no earlier statement after a limited search; nearest: Jiang, Nagarajan, Baek and "
    "Kolter (ICLR 2022) on the disagreement of two models, and Berman et al. 2025 (arXiv "
    "2510.21691) on calibration of equivariant functions"
)
_OURS = "we found no earlier statement after a limited search"
_WHERE = "repair of Theorem 4.5"
_B = r"\mathrm{ECE} \ge \tfrac12\left(\mathbb{E}S - \tfrac{2}{\log 2}\mathbb{E}H\right)"


def _claim(
    name: str, title: str, statement: str, formula: str, *, reading: str = "", credit: str = _OURS,
    bound: bool = False, breaks: str = "", repair: str | None = None, uses: tuple[str, ...] = (),
) -> Claim:  # fmt: skip
    return Claim(
        id=name, kind="formal", title=title, statement=statement, formula=formula, source="ours",
        where=_WHERE, severity="conclusion", reading=reading, credit=credit, bound=bound,
        breaks=breaks, repair=repair, uses=uses,
        ref=("ece_lower_bound", "ece_lower_bound_from_sensitivity", "population_calibration_error"),
    )  # fmt: skip


CLAIMS = (
    _claim(
        "n_1.flips", "Flips lower-bound the calibration error, (A)",
        "If X' has the law of X and the label law moves by at most delta(X, X') in total "
        "variation, then for every confidence function and every binning the ECE is at least E "
        "Conf - 1 + E (1 - delta) 1{f(X') != f(X)}/2.",
        r"\mathrm{ECE} \ge \mathbb{E}\,\mathrm{Conf} - 1 + \tfrac12\,\mathbb{E}(1-\delta)\,"
        r"1\{f(X') \ne f(X)\}",
        bound=True, credit=_NEAREST,
    ),
    _claim(
        "n_1.sensitivity", "Sensitivity beyond entropy lower-bounds the calibration error, (B)",
        "Under the same hypotheses, with Conf = max q and S in total variation, for every binning "
        "the ECE is at least (E S - (2/log 2) E H - E delta 1{flip})/2.",
        _B[:-7] + r" - \mathbb{E}\,\delta 1\{f(X') \ne f(X)\}\right)",
        bound=True, credit=_NEAREST, uses=("n_1.flips", "n_1.flip_lemma", "n_17.linear"),
    ),
    _claim(
        "n_1.flip_lemma", "Total variation is a flip or an error",
        "TV(q, q') is at most max(1 - max q, 1 - max q') where the most likely labels agree, and "
        "at most 1 where they do not.",
        r"\mathrm{TV}(q, q') \le 1\{f \ne f'\} + \max(e, e')", bound=True, credit="elementary",
    ),
    _claim(
        "n_1.entropy_confidence", "The same for a confidence that is at least 1 - a H",
        "Under the hypotheses of n_1.flips, if Conf >= 1 - a H everywhere (the paper's: a = 1/log "
        "n), then ECE >= (E S - (2 a + 1/log 2) E H - E delta 1{flip})/2 for every binning.",
        r"\mathrm{ECE} \ge \tfrac12\left(\mathbb{E}S - (2a + \tfrac{1}{\log 2})\mathbb{E}H\right)",
        bound=True, uses=("n_1.flips", "n_1.flip_lemma", "n_17.linear"),
    ),
    _claim(
        "n_1.best_factor", "The factor 1/2 is the largest",
        "For c > 1/2, neither ECE >= E Conf - 1 + c P(flip) nor ECE >= c (E S - lambda E H), for "
        "whatever lambda, holds in every stationary, label-invariant world.",
        r"\mathrm{ECE} = \tfrac12 = \tfrac12\,\mathbb{E}S,\quad \mathbb{E}H = 0",
    ),
    _claim(
        "n_1.least_lambda@every_binning", "The least lambda is 2/log 2",
        "Some c > 0 has ECE >= c (E S - lambda E H) in every stationary, label-invariant world, "
        "for every binning, if and only if lambda >= 2/log 2; then c = 1/2 has.",
        _B, reading="one inequality for every binning, one bin among them",
        uses=("n_1.sensitivity",),
    ),
    _claim(
        "n_1.least_lambda@equal_bins", "The least lambda is 2/log 2, for the bins in use",
        "With 15 equal bins, as usual, ECE >= (E S - lambda E H)/2 fails for every lambda below "
        "2/log 2 in some stationary, label-invariant world.",
        _B, reading="the binning is given: an earlier audit's sentence, which did not say which",
        uses=("n_16",), repair="n_16",
        breaks="its witness puts confidences 1 and 1/2 into one bin",
    ),
    _claim(
        "n_1.mixture_law@mixture", "Any perturbation, under the law of both members",
        "For a perturbation of any law and labels that it keeps, (A) and (B) hold with ECE, E Conf "
        "and E H under (D + D')/2, D' the law of X', and S and flips as means over X ~ D, X' ~ Pi.",
        _B, reading="E H is under (D + D')/2, as the ECE is", bound=True, uses=("n_1.sensitivity",),
    ),
    _claim(
        "n_1.mixture_law@input", "Any perturbation, with the entropy of the inputs alone",
        "For a perturbation of any law and labels that it keeps, (B) holds with the ECE under "
        "(D + D')/2 and E H under D.",
        _B, reading="E H is under D: an earlier audit's sentence left the law open",
        repair="n_1.mixture_law@mixture",
        breaks="e' of the perturbed input is not accounted for by the entropy of the input",
    ),
    _claim(
        "n_1.one_hypothesis@label_invariant", "Label invariance alone suffices",
        "(A) holds wherever the perturbation keeps the label laws.",
        r"\mathrm{ECE} \ge \mathbb{E}\,\mathrm{Conf} - 1 + \tfrac12 P(f(X') \ne f(X))",
        reading="X' may have another law than X", repair="n_1.flips",
        breaks="what the model says at inputs that never occur costs no calibration",
    ),
    _claim(
        "n_1.one_hypothesis@stationary", "Stationarity alone suffices",
        "(A) holds wherever X' has the law of X.",
        r"\mathrm{ECE} \ge \mathbb{E}\,\mathrm{Conf} - 1 + \tfrac12 P(f(X') \ne f(X))",
        reading="the label law of X' may be another", repair="n_1.flips",
        breaks="an answer that changes with the label is right to change",
    ),
    _claim(
        "n_1.per_bin", "Bin by bin where the perturbation stays in its bin",
        "If the perturbation keeps label laws and never leaves a bin, in a stationary world, the "
        "ECE is at least the sum over bins of w_b (S_b - (2/log 2) H_b)_+/2, w_b being the bin's "
        "probability.",
        r"\mathrm{ECE} \ge \sum_b \tfrac{w_b}{2}"
        r"\left(\bar S_b - \tfrac{2}{\log 2}\bar H_b\right)_+",
        bound=True, uses=("n_1.sensitivity",),
    ),
    _claim(
        "n_1.sample", "From a sample, without labels",
        "With m independent pairs of a stationary, label-invariant world, with probability at "
        "least 1 - d the population's ECE is at least the mean of Conf - 1 + 1{flip}/2 less (3/2) "
        "sqrt(log(1/d)/(2m)).",
        r"\mathrm{ECE} \ge \bar W - \tfrac32\sqrt{\log(1/d)/(2m)}",
        credit="Hoeffding 1963, on n_1.flips", uses=("n_1.flips",),
    ),
)  # fmt: skip
_in, _mass = variables("inflow w")
NO_INFLOW = lemma(
    "n_1.per_bin", -1 * _in, atoms={"w": _mass}, products={},
    zero={"a bin that is kept keeps its mass": (_in, 1)},
)  # fmt: skip
"""What flows into a bin is >= 0 at each input and 0 in all, so 0 at each."""
_e, _ee, _T, _f, _a, _h, _hh, _k = variables("e e' T flip a H H' 1/log2")
ENTROPY_CONFIDENCE = lemma(
    "n_1.entropy_confidence",
    (_f - _a * (_h + _hh)) - (_T - (_a + HALF * _k) * (_h + _hh)),
    atoms={
        "flip lemma": _f + _e + _ee - _T,
        "e <= H/(2 log 2)": HALF * _k * _h - _e, "e' <= H'/(2 log 2)": HALF * _k * _hh - _ee,
    },
    products={("flip lemma",): 1, ("e <= H/(2 log 2)",): 1, ("e' <= H'/(2 log 2)",): 1},
)  # fmt: skip
"""``1{flip} - a (H + H') >= T - (2 a + 1/log 2) (H + H')/2`` on every pair."""
LINE = lemma(
    "n_1.sensitivity",
    _k * (_h + _hh) - 2 * (_e + _ee),
    atoms={"e": HALF * _k * _h - _e, "e'": HALF * _k * _hh - _ee},
    products={("e",): 2, ("e'",): 2},
)
"""``2 (e + e') <= (H + H')/log 2`` on every pair."""


def sensitivity() -> list[str]:
    """All lemmas of (B), the linear bound of the error among them."""
    return pairs.proved(*pairs.SENSITIVITY, LINE) + pairs.rerun("n_17.linear")


def _entropy_confidence() -> list[str]:
    return sensitivity() + pairs.proved(ENTROPY_CONFIDENCE)


def _per_bin() -> list[str]:
    return sensitivity() + pairs.proved(NO_INFLOW)


def _least() -> list[str]:
    return sensitivity() + seen.no_smaller_lambda(worlds.ONE_BIN, Fraction(2), 1)


def _smaller_serves() -> list[str]:
    return n_16.proof() + n_16.admissible(15)


_EVERY = "every finite number of inputs, labels and bins, every way to choose f among ties"
_PROOFS: dict[str, tuple[str, Callable[[], list[str]]]] = {
    "n_1.flips": (_EVERY, lambda: pairs.proved(*pairs.FLIPS)),
    "n_1.sensitivity": (_EVERY, sensitivity),
    "n_1.flip_lemma": (
        "every finite number of labels", lambda: pairs.proved(pairs.FLIP_LEMMA, pairs.AT_MOST_1)
    ),
    "n_1.entropy_confidence": (_EVERY, _entropy_confidence),
    "n_1.best_factor": (
        "every c > 1/2 and every lambda, by one world: flipped coins", seen.flipped_coins
    ),
    "n_1.least_lambda@every_binning": (
        "2/log 2 serves; every smaller lambda and every c > 0 fails in one world and one bin",
        _least,
    ),
    "n_1.mixture_law@mixture": (_EVERY + "; every perturbation", sensitivity),
    "n_1.per_bin": (_EVERY, _per_bin),
}  # fmt: skip
_REFUTED: dict[str, tuple[str, World, Callable[[], list[str]]]] = {
    "n_1.least_lambda@equal_bins": (
        "3/(2 log 2) is smaller and serves for 15 equal bins (n_16), in every world",
        worlds.THREE_LABELS, _smaller_serves,
    ),
    "n_1.mixture_law@input": (
        "a certain answer, perturbed to a coin: 1/4 <= 0 is claimed", worlds.LANDS_UNCERTAIN,
        seen.input_law,
    ),
    "n_1.one_hypothesis@label_invariant": (
        "a perfect model, perturbed to an input that never occurs: 1/2 <= 0 is claimed",
        worlds.OFF_DISTRIBUTION, partial(seen.one_hypothesis, worlds.OFF_DISTRIBUTION),
    ),
    "n_1.one_hypothesis@stationary": (
        "a perfect model, and two inputs of different labels perturbed to each other: 1/2 <= 0 is "
        "claimed", worlds.MOVING_LABELS, partial(seen.one_hypothesis, worlds.MOVING_LABELS),
    ),
}  # fmt: skip


def _b(*, a: Any = lambda: 0, confidence: Literal["max", "entropy"] = "max") -> list[str]:
    """(B) beyond 39/100 at an entropy that is not 0, and not attained."""
    lam = (lambda: 2 / balls.log(2)) if confidence == "max" else lambda: 2 * a() + 1 / balls.log(2)
    return seen.says(seen.NEITHER, lam, Fraction(39, 100), confidence=confidence)


_CONFIDENT = "confidence 99/100, every pair flips, neither answer is right: "
_SPEAKS: dict[str, tuple[str, Callable[[], list[str]]]] = {
    "n_1.flips": (_CONFIDENT + "49/100 of 99/100", seen.flips_say),
    "n_1.sensitivity": (_CONFIDENT + "above 39/100 of 99/100", _b),
    "n_1.entropy_confidence": (
        _CONFIDENT + "above 39/100, and below the error",
        partial(_b, a=lambda: 1 / balls.log(3), confidence="entropy"),
    ),
    "n_1.mixture_law@mixture": (_CONFIDENT + "above 39/100 of 99/100 (D' = D)", _b),
    "n_1.per_bin": (_CONFIDENT + "above 39/100 of 99/100, in one bin that is kept", _b),
}


def _flip_lemma_evidence() -> list[Piece]:
    return [
        Piece(Kind.TIGHT, "checked", "equality: (1, 0, 0) and (1/2, 1/2, 0)",
              seen.flip_lemma_tight),
        Piece(Kind.INFORMATIVE, "checked", "confidences 9/10 and 4/5: TV is at most 1/5",
              seen.flip_lemma_speaks),
        Piece(
            Kind.SUPPORT, "checked", "the encodings equal sua_ref.total_variation, in Fractions: "
            "n = 3, denominators of 4, 225 pairs, every two labels", seen.flip_lemma_encoding,
        ),
        Piece(
            Kind.SUPPORT, "solver", "z3: n = 2, 3, 4 labels, negation unsatisfiable, equality "
            "satisfiable", seen.flip_lemma_solved,
        ),
    ]  # fmt: skip


def pieces(claim: str) -> list[Piece]:
    """The evidence for one record of n_1."""
    if claim == "n_1.sample":
        return [
            written(Kind.PROOF, "Hoeffding's inequality on n_1.flips", __doc__),
            Piece(
                Kind.SUPPORT, "checked", "exact probability of a violation, 100 rows, d = 1/10, W "
                "on both ends of its range", seen.sample_guarantee,
            ),
        ]  # fmt: skip
    if claim in _REFUTED:
        words, world, run = _REFUTED[claim]
        return [Piece(Kind.COUNTEREXAMPLE, "checked", words, run, instance=world.lines)]
    scope, proof = _PROOFS[claim]
    found = [Piece(Kind.PROOF, "checked", scope, proof)]
    if claim == "n_1.flip_lemma":
        return found + _flip_lemma_evidence()
    if claim == "n_1.least_lambda@every_binning":
        found[0] = Piece(Kind.PROOF, "checked", scope, proof, instance=worlds.ONE_BIN.lines)
        return found
    found.append(
        Piece(
            Kind.TIGHT, "checked", "equality at 1/2: confidence 1, every pair flips, labels are "
            "coins", seen.flipped_coins, instance=worlds.FLIPPED_COINS.lines,
        )
    )  # fmt: skip
    if claim in _SPEAKS:
        words, run = _SPEAKS[claim]
        found.append(Piece(Kind.INFORMATIVE, "checked", words, run, instance=seen.NEITHER.lines))
    return found
