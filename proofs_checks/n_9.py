r"""Result n_9: what K sampled perturbations say of the sensitivity, and what they cannot say.

The divergences d_1, ..., d_K at K independent draws of x' lie in [0, D]; S is their mean, M that
of the sample, V its variance with divisor K - 1, and delta the chance of error.

Proof of ``hoeffding`` (Hoeffding 1963), D = 1. For s > 0, ``P(S - M >= u) <= e^{-su} prod E
e^{s(S - d_k)/K}`` by Markov's inequality and independence. For d in [0, 1] with mean S, convexity
gives ``E e^{-sd} <= 1 - S + S e^{-s}``, and ``g(s) = s^2/8 - s S - log(1 - S + S e^{-s})`` has
g(0) = g'(0) = 0 and ``g'' = 1/4 - w(1 - w) = (w - 1/2)^2 >= 0`` with w = S e^{-s}/(1 - S + S
e^{-s}), so g >= 0. With s/K for s and ``s = 4 K u``, ``P(S - M >= u) <= e^{-2 K u^2}``.

Proof of ``bernstein`` from two cited theorems, D = 1, L = log(2/delta). Bennett's inequality: but
for a chance delta/2, ``S <= M + sqrt(2 v L/K) + L/(3K)`` with v the true variance. Maurer and
Pontil (2009, theorem 10): but for delta/2, ``sqrt(v) <= sqrt(V) + sqrt(2 L/(K-1))``. Together, as
1/K <= 1/(K-1): ``S <= M + sqrt(2 V L/K) + 7 L/(3(K-1))`` (their theorem 4).

Proof of ``quantile`` (Wilks 1941 in substance). Let m be the largest value of d with Pi(d > m) >
beta; if there is none, nothing can go wrong. If Pi(d > max d_k) > beta, all K draws are at most m,
which has the chance Pi(d <= m)^K by independence, draw by draw, and Pi(d <= m) <= 1 - beta: powers
keep the order. For any law, let t = inf{u : Pi(d > u) <= beta}; then Pi(d > t) <= beta, by right
continuity, and Pi(d >= t) >= beta, so that K draws below t have at most that chance.

Proof of ``no_supremum``. Let y maximise D(q_x, delta_y), and let U be a bound with U(0, ..., 0)
below that. With probability beta = (1 - delta)/(2K) let x' have the output delta_y, else be x
itself. All K draws give 0 with the chance ``(1 - beta)^K >= 1 - K beta = (1 + delta)/2 > delta``
(Bernoulli's inequality, by induction), and then U misses the supremum. A bound that draws lots
fails as often as it answers less.

Proof of ``largest``. ``TV(q, q') = sum a (q' - q)``, a marking q' > q. With m = min q, label by
label ``q' (1 - m) - a (q' - q) = a q (1 - q') + a q' (q - m) + (1 - a) q' (1 - m) >= 0``.

Proof of ``bias``. With z = M - lambda H, mu = E z: ``z_+ >= z`` and ``z_+ >= 0`` give the left
end. ``z_+ = (z + |z|)/2`` and ``|z| <= |z - mu| + |mu|`` give ``E z_+ - mu_+ <= E|z - mu|/2``, at
most half the standard deviation, as ``E (|d| - E|d|)^2 >= 0``. The variance of a mean of K
uncorrelated draws is 1/K of theirs, and theirs is at most D^2/4: ``D^2/4 - (d - S)^2 = d (D - d)
+ (D/2 - S)^2 + (2 S - D)(d - S)``, the last of mean 0.
"""

from __future__ import annotations

from functools import partial

from proofs_checks import sampled_sensitivity as evidence
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece, written

_HOEFFDING = "Hoeffding 1963"
_PARTS = {
    "hoeffding": (
        "Sensitivity from K draws, Hoeffding",
        "With probability at least 1 - delta, S <= M + D sqrt(log(1/delta)/(2K)).",
        r"P\left(S \le M + D\sqrt{\log(1/\delta)/(2K)}\right) \ge 1 - \delta",
        ("sensitivity_upper_bound",),
        _HOEFFDING,
    ),
    "bernstein": (
        "Sensitivity from K draws, empirical Bernstein",
        "With probability at least 1 - delta, S <= M + sqrt(2 V log(2/delta)/K) + "
        "7 D log(2/delta)/(3(K-1)), K >= 2.",
        r"P\left(S \le M + \sqrt{2V\log(2/\delta)/K} + 7D\log(2/\delta)/(3(K-1))\right)"
        r" \ge 1 - \delta",
        ("sensitivity_upper_bound",),
        "Maurer and Pontil 2009, theorem 4",
    ),
    "quantile": (
        "The largest of K draws bounds all but a share beta of the perturbations",
        "With probability at least 1 - (1 - beta)^K, Pi(d > max d_k) <= beta, over finitely many "
        "perturbations; infinite divergences are allowed.",
        r"P\left(\Pi(d > \max_k d_k) \le \beta\right) \ge 1 - (1-\beta)^K",
        ("distributional_sensitivity",),
        "Wilks 1941 (tolerance limits); Tempo, Bai and Dabbene 1997",
    ),
    "no_supremum": (
        "No bound for the supremum is better than the largest value",
        "For delta < 1, a deterministic bound for sup d that holds with probability 1 - delta "
        "under every Pi answers at least max_y D(q_x, delta_y) when all K draws are 0.",
        r"U(0, \dots, 0) \ge \max_y D(q_x, \delta_y)",
        ("worst_case_sensitivity", "total_variation"),
        "we found no earlier statement after a limited search; elementary",
    ),
    "largest": (
        "The largest total variation from a known output",
        "TV(q_x, q_x') <= 1 - min q_x, attained by a one-hot output: it may stand for D in the "
        "bounds above.",
        r"\mathrm{TV}(q_x, q_{x'}) \le 1 - \min_y q_x(y)",
        ("total_variation", "sensitivity_upper_bound"),
        "elementary",
    ),
    "bias": (
        "The plug-in SUA risk errs upward, by at most D/(4 sqrt K)",
        "0 <= E(M - lambda H)_+ - (S - lambda H)_+ <= sd(M)/2 <= D/(4 sqrt K).",
        r"0 \le \mathbb{E}(M - \lambda H)_+ - (S - \lambda H)_+ \le \tfrac12 \mathrm{sd}(M)"
        r" \le D/(4\sqrt K)",
        ("sua_risk", "distributional_sensitivity"),
        "we found no earlier statement after a limited search; elementary",
    ),
}
CLAIMS = tuple(
    Claim(
        id=f"n_9.{part}",
        kind="formal",
        title=title,
        statement=statement,
        formula=formula,
        source="ours",
        where="beside section 5.5 and Appendix B.1",
        quote="perturbation evaluations are sufficient for reliable SUA estimation",
        severity="remark",
        hypotheses=(),
        ref=ref,
        bound=True,
        credit=credit,
    )
    for part, (title, statement, formula, ref, credit) in _PARTS.items()
)


def _random(part: str) -> list[Piece]:
    """Hoeffding and Bernstein: a written proof, its steps checked, and exact enumerations."""
    method = part
    constant = "1/2" if part == "hoeffding" else "2"
    return [
        written(Kind.PROOF, "every law on [0, D] and every K", __doc__),
        Piece(
            Kind.SUPPORT, "checked", "the algebra of the proof, as polynomials",
            partial(evidence.steps, part),
        ),
        Piece(
            Kind.SUPPORT, "checked", "sua_ref's bound fails no more often than promised, by full "
            "enumeration in Fractions and balls: four laws, K = 6 and 12, two confidences",
            partial(evidence.kept_promises, method),
        ),
        Piece(
            Kind.TIGHT, "checked", f"the constant {constant} under the root cannot be a fifth "
            "smaller: a fair coin and many draws, its tail enclosed by decimals",
            partial(evidence.constant_needed, part),
        ),
        Piece(
            Kind.INFORMATIVE, "checked", "eight zeros (of Hoeffding), forty (of Bernstein) at "
            "95 %: below D", partial(evidence.below_largest, method),
        ),
    ]  # fmt: skip


def _quantile() -> list[Piece]:
    return [
        Piece(Kind.PROOF, "checked", "every finite law, every K and beta",
              partial(evidence.steps, "quantile")),
        written(Kind.SUPPORT, "any law, by right continuity", __doc__),
        Piece(
            Kind.SUPPORT, "checked", "no law of a grid fails more often, exactly: three values, "
            "probabilities in sixths, K = 1 to 4, beta in fifths", evidence.quantiles_kept,
        ),
        Piece(Kind.TIGHT, "checked", "approached: divergences 0 and 1, Pi(d = 1) = beta + s",
              evidence.quantile_tight),
        Piece(Kind.INFORMATIVE, "checked", "K = 8: beta = 1/3 with 96 %", evidence.eight_draws),
    ]  # fmt: skip


def pieces(claim: str) -> list[Piece]:
    """The evidence for a part of n_9."""
    part = claim.split(".")[1]
    if part in ("hoeffding", "bernstein"):
        return _random(part)
    if part == "quantile":
        return _quantile()
    words = {
        "no_supremum": (
            "every K, delta < 1, divergence and output: Bernoulli's inequality by its induction "
            "step, and the choice of beta",
            "at D itself: answering max_y D(q_x, delta_y) always is valid",
            "K = 8, q_x = (3/4, 1/4), TV: 3/4 must be answered, where the sample says 0",
        ),
        "largest": (
            "every finite number of labels",
            "equality at the one-hot output of the least likely label",
            "q_x = (1/2, 1/2): 1/2 instead of 1",
        ),
        "bias": (
            "every finite law on [0, D], uncorrelated draws of that law, every lambda H",
            "equality with K = 1: 0 or D with equal chances, lambda H = D/2",
            "K = 25, D = 1: at most 1/20",
        ),
    }[part]
    return [
        Piece(Kind.PROOF, "checked", words[0], partial(evidence.steps, part)),
        Piece(Kind.SUPPORT, "checked", "sua_ref or an enumeration agrees, exactly, on a grid",
              partial(evidence.agrees, part)),
        Piece(Kind.TIGHT, "checked", words[1], partial(evidence.tight, part)),
        Piece(Kind.INFORMATIVE, "checked", words[2], partial(evidence.informative, part)),
    ]  # fmt: skip
