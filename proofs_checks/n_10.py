r"""Result n_10: thresholds chosen on held-out rows, with a promise that rests on the draws alone.

Rows (score, error) are independent draws of one law; scores and the grid tau_1, ..., tau_m were
fixed without them. n_j rows have a score <= tau_j, k_j of which are wrong; r is the target, delta
the chance of error, R_j = P(wrong | score <= tau_j).

Proof of ``fixed_sequence`` and ``bonferroni``. Given which rows have a score <= tau_j, k_j is
binomial (n_j, R_j). If R_j > r, the p-value ``F(k_j) = P(Bin(n_j, r) <= k_j)`` is at most u with
a chance of at most u: F(k) <= u means k <= k*, the largest count with F(k*) <= u, and
``P(Bin(n_j, R_j) <= k*) <= P(Bin(n_j, r) <= k*) <= u``, since a binomial grows with its rate. (If
n_j = 0 the p-value is 1.) Bonferroni: one of m tests at delta/m errs with a chance of at most
delta. Fixed sequence: a threshold with R_j > r is returned only if the first such in the order
passes its test at delta. No monotonicity of R_j in tau is needed. Ties and atoms of the score are
harmless.

Proof of ``crc`` (Angelopoulos et al. 2024, for a loss in {0, 1}). Let k'(tau) count the answered
and wrong among the N calibration rows and one further row together, and let tau' be the largest
tau of the grid with ``k'(tau) <= alpha (N + 1)``; if none, answer nothing. Counts grow with tau,
and k + 1 >= k', so the threshold chosen, by ``k + 1 <= alpha (N + 1)``, is at most tau'. Given
the N + 1 rows as a set, each is equally likely to be the further one, so that the chance that it
is answered and wrong at tau' is ``k'(tau')/(N + 1) <= alpha``; at a smaller threshold it is not
larger.
"""

from __future__ import annotations

from functools import partial

from proofs_checks import thresholds
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece, written

_PARTS = {
    "fixed_sequence": (
        "A threshold tested in a fixed order keeps its promise",
        "Rows are independent draws; score and grid were fixed without them. With probability at "
        "least 1 - delta over the rows, no threshold is returned or its selective risk is at most "
        "r: thresholds are tested at level delta in a fixed order, up to the first that fails.",
        r"P\left(R_{\mathrm{sel}}(\hat\tau) \le r\right) \ge 1 - \delta",
        "Clopper and Pearson 1934; Geifman and El-Yaniv 2017; Learn then Test, Angelopoulos et al. "
        "2021",
    ),
    "bonferroni": (
        "A threshold tested at level delta/m keeps its promise",
        "Rows are independent draws; score and grid were fixed without them. With probability at "
        "least 1 - delta over the rows, no threshold is returned or its selective risk is at most "
        "r: each of the m thresholds is tested at level delta/m, in any order.",
        r"P\left(R_{\mathrm{sel}}(\hat\tau) \le r\right) \ge 1 - \delta",
        "Clopper and Pearson 1934; Geifman and El-Yaniv 2017; Learn then Test, Angelopoulos et al. "
        "2021",
    ),
    "crc": (
        "Conformal control of the joint risk",
        "Rows are independent draws, as is the one to answer; score and grid were fixed without "
        "them. The largest threshold with (k + 1)/(N + 1) <= alpha, k of N rows being answered and "
        "wrong, has E P(answered and wrong) <= alpha; without such a threshold nothing is "
        "answered.",
        r"\mathbb{E}\,P(\mathrm{score} \le \hat\tau,\ \mathrm{wrong}) \le \alpha",
        "Conformal Risk Control, Angelopoulos et al. 2024",
    ),
}
CLAIMS = tuple(
    Claim(
        id=f"n_10.{part}",
        kind="formal",
        title=title,
        statement=statement,
        formula=formula,
        source="ours",
        where="repair of Proposition 4.8 and of the coverage-risk tradeoff after it",
        quote="The practitioner may set to meet a target risk budget",
        severity="conclusion",
        ref=("choose_threshold", "abstain", "selective_risk"),
        bound=True,
        credit=credit,
    )
    for part, (title, statement, formula, credit) in _PARTS.items()
)
_CONTROLS = {
    "fixed_sequence": "without a correction the best of three thresholds breaks the promise",
    "bonferroni": "without a correction the best of three thresholds breaks the promise",
    "crc": "k/N for (k + 1)/(N + 1) breaks it; so does the rule on the selective risk, which is "
    "not monotone",
}


def pieces(claim: str) -> list[Piece]:
    """The evidence for a part of n_10."""
    part = claim.split(".")[1]
    crc = part == "crc"
    tight = (
        "approached: always wrong, m equally likely scores, one row, alpha = 1/2 leaves 1/(2m)"
        if crc
        else "approached: one row, r = delta = 1/2, one threshold at risk 1/2 + s leaves s"
    )
    return [
        written(Kind.PROOF, "every law, grid, number of rows and target", __doc__),
        Piece(
            Kind.SUPPORT, "checked", "sua_ref's rule keeps it, by full enumeration in Fractions: "
            "four laws on three scores, six rows, two targets", partial(thresholds.kept, part),
            deep=True,
        ),
        Piece(Kind.SUPPORT, "checked", _CONTROLS[part],
              thresholds.off_by_one if crc else thresholds.uncorrected),
        Piece(Kind.TIGHT, "checked", tight,
              thresholds.crc_tight if crc else partial(thresholds.tight, part)),
        Piece(
            Kind.INFORMATIVE, "checked", "seven rows of a law of risk 1/5 at the least score: an "
            "answer with a chance above 1/6", partial(thresholds.answers, part),
        ),
    ]  # fmt: skip
