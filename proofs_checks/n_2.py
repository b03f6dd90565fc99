r"""Result n_2: two views of one input bound the model's distance to the truth, without labels.

X' has the law of X, and the label laws of X and X' are one law p; q, q' are the outputs. Then

    E TV(q_X, p) >= E TV(q, q')/2           E KL(q_X, p) >= E JSD(q, q')
    E KL(p, q_X) >= E -log BC(q, q')        E |q_X - p|^2 >= E |q - q'|^2/4
    P(f(X) != Y) >= P(f(X') != f(X))/2

with BC = sum sqrt(q q'). Proof. By :mod:`proofs_checks.flip_pairs` (2) the left side is the mean of
``(D(X) + D(X'))/2``; what is left is, on each pair, an inequality between q, q' and the common p,
minimised at p = the mean, or the normalised geometric mean:

* TV: |q - q'| <= |q - p| + |q' - p|, label by label.
* KL(q, p): the mean of KL(q, p) and KL(q', p) is JSD(q, q') + KL(m, p), m = (q + q')/2.
* KL(p, q): the mean of KL(p, q) and KL(p, q') is KL(p, g) - log Z, g = sqrt(q q')/Z, Z = BC.
* Brier: (|q - p|^2 + |q' - p|^2)/2 = |q - q'|^2/4 + |m - p|^2.
* 0-1: on a flip p(f) + p(f') <= 1.

K views of one law each with the law of X: weights 1/K in place of 1/2. The identities make averages
of views better than the mean view by a computable amount, which depends on the loss: the geometric
mean for the log-loss, the arithmetic mean for Brier; crosswise there is an inequality, and what is
gained depends on the truth. A divergence that is infinite makes the left side infinite; where no
label has all q_i > 0 there is no geometric mean, and the mean of KL(p, q_i) is infinite for every
p.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from proofs_checks import flip_pairs as pairs
from proofs_checks import log_tangents
from proofs_checks import view_witnesses as seen
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.lemma import HALF, Lemma, lemma, variables

_WHERE = "beside Theorem 4.5: what perturbations tell about errors without labels"
_NONE = "a corollary of the {}; we found no earlier statement after a limited search"
_CREDIT = {
    "n_2.tv": _NONE.format("triangle inequality"),
    "n_2.kl": _NONE.format("compensation identity"),
    "n_2.log_loss": (
        "the same quantity is known: the arbitrage bound of consistency checks (Paleka et al., "
        "ICLR 2025, arXiv 2412.18544), which for two equivalent questions is twice it for the pair"
    ),
    "n_2.brier": (
        "known for group orbits (Elesedy and Zaidi, ICML 2021, arXiv 2102.10333); the "
        "parallelogram law"
    ),
    "n_2.zero_one": (
        "known: Madani, Pennock and Flake, Co-Validation (NIPS 2004): disagreement lower-bounds "
        "the prediction error"
    ),
    "n_2.views_log_loss": _NONE.format("identity n_2.geometric_pool"),
    "n_2.views_zero_one": _NONE.format("argument of n_2.zero_one"),
}
_POOLS = "known: Wood et al., JMLR 2023 (arXiv 2301.03962); Krogh and Vedelsby 1995; Heskes 1998"


def _bound(name: str, title: str, statement: str, formula: str) -> Claim:
    return Claim(
        id=name, kind="formal", title=title,
        statement=f"Where X' has the law of X and the perturbation keeps label laws, {statement}",
        formula=formula, source="ours", where=_WHERE, severity="conclusion", bound=True,
        ref=("total_variation", "jensen_shannon_divergence", "kl_divergence", "argmax_risk"),
        credit=_CREDIT[name],
    )  # fmt: skip


def _pool(reading: str, statement: str, formula: str, words: str, **more: Any) -> Claim:
    return Claim(
        id=f"n_2.pool_gain@{reading}", kind="formal",
        title="Averaging the views gains exactly what they tell",
        statement=statement, formula=formula, source="ours", where=_WHERE, severity="conclusion",
        reading=words, credit=_POOLS, ref=("kl_divergence", "divergence"), **more,
    )  # fmt: skip


_DEPENDS = "the gain is no function of the views: it depends on the truth"
CLAIMS = (
    _bound(
        "n_2.tv", "Sensitivity lower-bounds the distance to the truth",
        "the mean of TV(q, p) is at least half of E S_TV.",
        r"\mathbb{E}\,\mathrm{TV}(q, p) \ge \tfrac12\,\mathbb{E}\,S_{\mathrm{TV}}",
    ),
    _bound(
        "n_2.kl", "JSD sensitivity lower-bounds the relative entropy to the truth",
        "the mean of KL(q, p) is at least E S_JSD.",
        r"\mathbb{E}\,\mathrm{KL}(q\|p) \ge \mathbb{E}\,S_{\mathrm{JSD}}",
    ),
    _bound(
        "n_2.log_loss", "The Bhattacharyya distance of views lower-bounds the excess log-loss",
        "the mean excess log-loss KL(p, q) is at least the mean of -log sum sqrt(q q').",
        r"\mathbb{E}\,\mathrm{KL}(p\|q) \ge \mathbb{E}\left[-\log\sum\sqrt{q q'}\right]",
    ),
    _bound(
        "n_2.brier", "Squared distance of views lower-bounds the excess Brier score",
        "the mean excess Brier score |q - p|^2 is at least a quarter of the mean of |q - q'|^2.",
        r"\mathbb{E}\,\|q - p\|^2 \ge \tfrac14\,\mathbb{E}\,\|q - q'\|^2",
    ),
    _bound(
        "n_2.zero_one", "Flips lower-bound the error",
        "the error of f is at least half of the probability of a flip.",
        r"P(f(X) \ne Y) \ge \tfrac12 P(f(X') \ne f(X))",
    ),
    _bound(
        "n_2.views_log_loss", "K views: the excess log-loss",
        "for K views, each with the law of X, the mean excess log-loss is at least the mean of "
        "-log sum_y prod_i q_i(y)^(1/K).",
        r"\mathbb{E}\,\mathrm{KL}(p\|q) \ge \mathbb{E}\left[-\log\sum_y\prod_i q_i(y)^{1/K}\right]",
    ),
    _bound(
        "n_2.views_zero_one", "K views: the error",
        "for K views, each with the law of X, the error of f is at least 1 less the mean share of "
        "the commonest answer.",
        r"P(f(X) \ne Y) \ge 1 - \mathbb{E}\max_y \tfrac1K \#\{i : f(X_i) = y\}",
    ),
    _pool(
        "geometric.log_loss",
        "For every p, the mean of KL(p, q_i) over views is KL(p, g) - log Z, g = prod q_i^(1/K)/Z.",
        r"\tfrac1K\sum_i\mathrm{KL}(p\|q_i) = \mathrm{KL}(p\|g) - \log Z",
        "the normalised geometric mean, for the log-loss",
    ),
    _pool(
        "arithmetic.brier",
        "For every p, the mean of |p - q_i|^2 over views is |p - m|^2 plus the mean of |q_i - "
        "m|^2, m their mean.",
        r"\tfrac1K\sum_i\|p - q_i\|^2 = \|p - m\|^2 + \tfrac1K\sum_i\|q_i - m\|^2",
        "the arithmetic mean, for the Brier score",
    ),
    _pool(
        "arithmetic.log_loss",
        "What the arithmetic mean of the views gains in log-loss is a function of the views.",
        r"\tfrac1K\sum_i\mathrm{KL}(p\|q_i) - \mathrm{KL}(p\|m) = \Delta(q_1, \dots, q_K)",
        "the arithmetic mean, for the log-loss: an earlier audit's sentence named no pool",
        breaks=_DEPENDS, repair="n_2.pool_gain@geometric.log_loss",
    ),
    _pool(
        "geometric.brier",
        "What the geometric mean of the views gains in Brier score is a function of the views.",
        r"\tfrac1K\sum_i\|p - q_i\|^2 - \|p - g\|^2 = \Delta(q_1, \dots, q_K)",
        "the geometric mean, for the Brier score", breaks=_DEPENDS,
        repair="n_2.pool_gain@arithmetic.brier",
    ),
)  # fmt: skip

_p, _q, _r, _s, _t, _d, _z = variables("p q q' s t d z")
TRIANGLE = lemma(
    "n_2.tv", _s + _t - _d,
    atoms={"s >= |q - p|": _s - _z, "t >= |p - q'|": _t - (_d - _z)},
    products={("s >= |q - p|",): 1, ("t >= |p - q'|",): 1},
)  # fmt: skip
"""``|q - p| + |q' - p| - |q - q'| >= 0``: d = |q - q'|, z = sign(q - q') (q - p); over labels."""
_lp, _lq, _lr, _lm = variables("logp logq logq' logm")
COMPENSATION = lemma(
    "n_2.kl",
    HALF * (_q * (_lq - _lp) + _r * (_lr - _lp)) - HALF * (_q * (_lq - _lm) + _r * (_lr - _lm)),
    atoms={
        "Gibbs": HALF * (_q + _r) * (_lm - _lp) - HALF * (_q + _r) + _p,
    },
    products={("Gibbs",): 1},
    zero={"p and m sum to 1": (_p - HALF * (_q + _r), 1)},
)  # fmt: skip
"""``(KL(q, p) + KL(q', p))/2 - JSD(q, q') = KL(m, p) >= 0``; over labels."""
_lw, _g, _lz = variables("meanlog g logZ")
GEOMETRIC = lemma(
    "n_2.views_log_loss", _p * (_lp - _lw) + _p * _lz,
    atoms={"Gibbs": _p * (_lp - (_lw - _lz)) - _p + _g}, products={("Gibbs",): 1},
    zero={"p and g sum to 1": (_g - _p, 1)}, common="logZ",
)  # fmt: skip
"""``mean KL(p, q_i) + log Z = KL(p, g) >= 0``: log g = mean of log q_i less log Z; over labels."""
PARALLELOGRAM = lemma(
    "n_2.brier",
    HALF * ((_q - _p) * (_q - _p) + (_r - _p) * (_r - _p)) - HALF * HALF * (_q - _r) * (_q - _r),
    atoms={"|m - p|^2": (HALF * (_q + _r) - _p) * (HALF * (_q + _r) - _p)},
    products={("|m - p|^2",): 1},
)  # fmt: skip
"""``(|q - p|^2 + |q' - p|^2)/2 - |q - q'|^2/4 = |m - p|^2``; over labels."""
_a, _most = variables("a most")
PLURALITY = lemma(
    "n_2.views_zero_one", _p * _most - _a * _p,
    atoms={"p": _p, "a <= most": _most - _a}, products={("p", "a <= most"): 1}, common="most",
)  # fmt: skip
"""``max_y a(y) - sum_y a(y) p(y) >= 0``: a(y) is the share of the views that answer y."""
_w, _mean, _x = variables("w m q")
BRIER_POOL = lemma(
    "n_2.pool_gain@arithmetic.brier",
    _w * ((_p - _x) * (_p - _x) - (_p - _mean) * (_p - _mean) - (_x - _mean) * (_x - _mean)),
    atoms={}, products={},
    zero={"m is the mean": (_w * (_x - _mean), 2 * (_p - _mean))}, common="p m",
)  # fmt: skip
"""A sum over views of weight w, at one label: exactly 0."""


def _each(*lemmas: Lemma) -> Callable[[], list[str]]:
    return lambda: pairs.proved(pairs.PAIRS, *lemmas)


def _gibbs(*lemmas: Lemma) -> Callable[[], list[str]]:
    return lambda: pairs.proved(pairs.PAIRS, *lemmas) + log_tangents.tangent()


def _identity(one: Lemma) -> list[str]:
    """Both signs: the goal and its negative."""
    statement, certificate = one
    opposite = lemma(
        statement.claim, -1 * statement.goal, atoms={}, products={},
        zero={
            name: (z, -1 * certificate.zero_multipliers[name])
            for name, z in statement.zero_sums.items()
        },
        common=" ".join(statement.global_variables),
    )  # fmt: skip
    return one.faults() + opposite.faults()


_ID = lemma(
    "n_2.pool_gain@geometric.log_loss",
    _p * (_lp - _lw) + _p * _lz - (_p * (_lp - (_lw - _lz))), atoms={}, products={},
    common="logZ",
)  # fmt: skip
_ALL = "every finite number of inputs and labels"
_PROVED: dict[str, tuple[str, Callable[[], list[str]]]] = {
    "n_2.tv": (_ALL, _each(TRIANGLE)),
    "n_2.kl": (_ALL, _gibbs(COMPENSATION)),
    "n_2.log_loss": (_ALL, _gibbs(GEOMETRIC)),
    "n_2.brier": (_ALL, _each(PARALLELOGRAM)),
    "n_2.zero_one": (_ALL, lambda: pairs.proved(*pairs.FLIPS)),
    "n_2.views_log_loss": (_ALL + ", every K", _gibbs(pairs.VIEWS, GEOMETRIC)),
    "n_2.views_zero_one": (_ALL + ", every K", _each(pairs.VIEWS, PLURALITY)),
    "n_2.pool_gain@geometric.log_loss": (_ALL + ", every K", lambda: _identity(_ID)),
    "n_2.pool_gain@arithmetic.brier": (_ALL + ", every K", lambda: _identity(BRIER_POOL)),
}  # fmt: skip
_REFUTED: dict[str, tuple[Callable[[], list[str]], list[Row]]] = {
    "n_2.pool_gain@arithmetic.log_loss": (seen.arithmetic_log_loss, seen.TWO_TRUTHS),
    "n_2.pool_gain@geometric.brier": (seen.geometric_brier, seen.TWO_TRUTHS_OF_GEOMETRIC),
}


def pieces(claim: str) -> list[Piece]:
    """The evidence for one record of n_2."""
    if claim in _REFUTED:
        run, drawn = _REFUTED[claim]
        return [
            Piece(
                Kind.COUNTEREXAMPLE, "checked", "two truths under which the same two views gain "
                "different amounts", run, instance=lambda: drawn,
            )
        ]  # fmt: skip
    scope, proof = _PROVED[claim]
    found = [Piece(Kind.PROOF, "checked", scope, proof)]
    if "@" in claim:
        return found
    tight, informative = seen.WITNESSES[claim]
    return [
        *found,
        Piece(Kind.TIGHT, "checked", tight[0], tight[1], instance=lambda: tight[2]),
        Piece(
            Kind.INFORMATIVE,
            "checked",
            informative[0],
            informative[1],
            instance=lambda: informative[2],
        ),
    ]
