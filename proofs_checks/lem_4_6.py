r"""Lemma 4.6: inequality (13) holds; what the paper concludes from it does not.

Proof of (13), for finitely many interpretations and labels: by the chain rule ``H* = A + H(Y|x,Z) -
c >= A - c``, and ``Delta = |H_theta - H*| >= H* - H_theta``. The slack c(x) = H(Z|x,Y) is as large
as A(x) where interpretations share their labels, and then (13) is empty: that is how the note after
the lemma fails, and why the repair replaces A by the information I(Y;Z|x) = A - c that the label
and the interpretation have of each other. The certificates: :mod:`proofs_checks.interpretations`
and, for two interpretations, :mod:`proofs_checks.two_interpretations`.
"""

from __future__ import annotations

from fractions import Fraction

from proofs_checks import interpretations as chain
from proofs_checks import shared_labels as cases
from proofs_checks import two_interpretations as two
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece
from proofs_checks.mixtures import integral_form

_WHERE = "section 4.4, Lemma 4.6"
_NOTE = "section 4.4, the note on c(x) after Lemma 4.6"
_C_IS = "the symbol c; its definition in A.3 is lost, and H(Z|x,Y) is what the chain rule leaves"

CLAIMS = (
    Claim(
        id="lem_4_6",
        kind="formal",
        title="Ambiguity collapse implies miscalibration, inequality (13)",
        statement=(
            "If A(x) >= alpha and H_theta(x) <= beta, then Delta(x) >= alpha - beta - c(x), with "
            "c(x) = H(Z | x, Y); finitely many interpretations and labels."
        ),
        formula=r"\Delta(x) \ge \alpha - \beta - c(x),\quad c(x) = H(Z \mid x, Y)",
        source="reconstructed",
        where=f"{_WHERE}, inequality (13); proof in A.3",
        quote="Ambiguity collapse implies miscalibration",
        silent=_C_IS,
        severity="conclusion",
        ref=("lem_4_6", "latent_ambiguity", "miscalibration_gap", "conditional_entropy"),
        bound=True,
        credit="the chain rule for entropy",
    ),
    Claim(
        id="lem_4_6.note",
        kind="formal",
        title="No slack where interpretations determine the label",
        statement="If each interpretation deterministically specifies a label, then c(x) = 0.",
        formula=r"H(Y \mid x, Z) = 0 \implies c(x) = 0",
        source="reconstructed",
        where=f"{_NOTE}, second sentence",
        quote=("For tasks where each interpretation deterministically specifies a unique label,"),
        silent=(
            "whether the label is one of its own; with labels that no two interpretations share "
            "the statement is lem_4_6.own_labels"
        ),
        ref=("conditional_entropy",),
        breaks="a function from interpretations to labels need not be injective",
        repair="lem_4_6.own_labels",
    ),
    Claim(
        id="lem_4_6.stochastic",
        kind="formal",
        title="Slack where the label is random given the interpretation",
        statement="If the label is random given some interpretation, then c(x) > 0.",
        formula=r"H(Y \mid x, Z) > 0 \implies c(x) > 0",
        source="reconstructed",
        where=f"{_NOTE}, third sentence",
        quote=("For tasks where the mapping from interpretation to label is itself stochastic,"),
        silent="what holds then: the formula is lost, and c(x) > 0 is our reading of the contrast",
        ref=("conditional_entropy",),
        breaks="what matters is whether a label is shared, not whether it is random",
        repair="lem_4_6.own_labels",
    ),
    Claim(
        id="lem_4_6.positive_gap",
        kind="formal",
        title="A positive gap whenever the entropy is far below the ambiguity",
        statement=(
            "Whenever H_theta(x) is much lower than A(x), Delta(x) > 0: for some finite ratio and "
            "difference between A and H_theta."
        ),
        formula=r"H_\theta(x) \ll A(x) \implies \Delta(x) > 0",
        source="printed",
        where=f"{_NOTE}, last sentence",
        quote=("In both cases, the lemma guarantees a positive miscalibration gap whenever"),
        severity="conclusion",
        ref=("latent_ambiguity", "miscalibration_gap", "mixture"),
        breaks="the bound of the lemma is alpha - beta - c(x), and c(x) may be all of A(x)",
        repair="lem_4_6.information",
    ),
    Claim(
        id="lem_4_6.information",
        kind="formal",
        title="The gap is at least the information between label and interpretation",
        statement=(
            "A(x) - c(x) = I(Y;Z|x). Hence Delta(x) >= I(Y;Z|x) - H_theta(x), where I <= H* <= "
            "A + H(Y|x,Z). Collapse is I high and H_theta low, whatever A is."
        ),
        formula=r"\Delta(x) \ge I(Y;Z \mid x) - H_\theta(x)",
        source="ours",
        where="repair of Lemma 4.6, its note, and Definition 3.5",
        severity="conclusion",
        ref=("mutual_information", "miscalibration_gap", "predictive_entropy"),
        bound=True,
        credit="the chain rule for entropy; A(x) alone is no function of P(Y|x), I(Y;Z|x) <= H* is",
    ),
    Claim(
        id="lem_4_6.own_labels",
        kind="formal",
        title="No slack where no two interpretations share a label",
        statement=(
            "If no label has positive probability under two interpretations of positive mass, then "
            "c(x) = 0, whether or not the interpretations determine the label."
        ),
        formula=r"P(Z \mid x, Y) \in \{0, 1\} \implies c(x) = 0",
        source="ours",
        where="repair of the note on c(x) after Lemma 4.6",
        ref=("conditional_entropy",),
        credit="elementary",
    ),
    Claim(
        id="lem_4_6.two_interpretations",
        kind="formal",
        title="Two interpretations: the information is at least quadratic in their distance",
        statement=(
            "For two interpretations of masses pi, 1 - pi and label laws P_0, P_1, I(Y;Z|x) >= "
            "2 pi (1 - pi) TV(P_0, P_1)^2, and the constant 2 is the largest. So Delta >= "
            "2 pi (1 - pi) TV^2 - H_theta."
        ),
        formula=r"I(Y;Z \mid x) \ge 2 \pi (1-\pi)\, \mathrm{TV}(P_0, P_1)^2",
        source="ours",
        where="repair of Lemma 4.6, two interpretations",
        ref=("mutual_information", "total_variation"),
        bound=True,
        credit="Pinsker's inequality, both laws against their mean",
    ),
    Claim(
        id="lem_4_6.fano",
        kind="formal",
        title="The slack is small where labels tell the interpretation",
        statement=(
            "If some function of the label misses the interpretation with probability eps in "
            "(0, 1), among k >= 2 interpretations, then c(x) <= h(eps) + eps log(k - 1)."
        ),
        formula=r"c(x) \le h(\varepsilon) + \varepsilon \log(k-1)",
        source="ours",
        where="complement of Lemma 4.6: when (13) says something",
        ref=("conditional_entropy",),
        bound=True,
        credit="Fano's inequality",
    ),
)


def _13() -> list[Piece]:
    return [
        Piece(
            Kind.PROOF, "checked",
            "every finite number of interpretations and labels, every output, alpha and beta",
            chain.inequality_13,
        ),
        Piece(
            Kind.TIGHT, "checked",
            "equality wherever A = alpha, H_theta = beta, H* >= H_theta and each interpretation "
            "determines its label", chain.equality_in_13, instance=cases.OWN_LABELS.lines,
        ),
        Piece(
            Kind.INFORMATIVE, "checked", "garbled: the bound is above 1/3, and below the gap",
            lambda: cases.below_the_gap(cases.GARBLED), instance=cases.GARBLED.lines,
        ),
        Piece(
            Kind.SUPPORT, "checked",
            "the encoding agrees with sua_ref in balls: two interpretations, two labels, "
            "denominators of 3, all 64 instances", cases.encoding,
        ),
    ]  # fmt: skip


def _information() -> list[Piece]:
    return [
        Piece(
            Kind.PROOF, "checked",
            "the identity and the three inequalities: every finite number of interpretations and "
            "labels, every output", chain.gap_from_information,
        ),
        Piece(
            Kind.TIGHT, "checked",
            "equality wherever each interpretation determines its label and H* >= H_theta",
            chain.equality_from_information,
        ),
        Piece(
            Kind.INFORMATIVE, "checked", "garbled: the bound is above 1/3, and below the gap",
            lambda: cases.below_the_gap(cases.GARBLED), instance=cases.GARBLED.lines,
        ),
    ]  # fmt: skip


def _two() -> list[Piece]:
    return [
        Piece(
            Kind.PROOF, "checked",
            "the inequality: every finite number of labels, every pi, P_0, P_1", two.proof,
        ),
        Piece(
            Kind.PROOF, "checked",
            "2 is the largest constant: pi = 1/2, P_0 = (1/2 + t, 1/2 - t) and its swap, all t in "
            "(0, 1/2)", two.no_larger_constant,
        ),
        Piece(
            Kind.TIGHT, "checked", "the same at t = 1/100: within 0.05 %, in balls",
            two.nearly_equal,
        ),
        Piece(
            Kind.INFORMATIVE, "checked", "own_labels: I >= 1/2 where H_theta = 0",
            lambda: cases.positive_bound(cases.OWN_LABELS),
        ),
        Piece(
            Kind.SUPPORT, "checked",
            "by branch and bound, without the integral form: two labels, P(y=0) in [1/8, 7/8] "
            "under both, at least 3/8 apart, pi in [1/8, 7/8]", two.boxes, deep=True,
        ),
    ]  # fmt: skip


def _refuted() -> dict[str, list[Piece]]:
    pair, sets = cases.same_label(2), cases.OWN_LABEL_SETS
    return {
        "lem_4_6.note": [
            Piece(
                Kind.COUNTEREXAMPLE, "checked",
                "same_label_2: two interpretations of the same label, c = log 2 > 0",
                lambda: cases.note_fails(pair), instance=pair.lines,
            ),
        ],
        "lem_4_6.stochastic": [
            Piece(
                Kind.COUNTEREXAMPLE, "checked",
                "own_label_sets: a random label that still tells the interpretation, c = 0",
                lambda: cases.stochastic_yet_no_slack(sets) + chain.no_shared_label(),
                instance=sets.lines,
            ),
        ],
        "lem_4_6.positive_gap": [
            Piece(
                Kind.COUNTEREXAMPLE, "checked",
                "same_label_k: H_theta = Delta = 0 exactly, A = log k; k = 2 and 1000 pass "
                "0 and 6 (log k passes any number)",
                lambda: cases.no_gap(2, Fraction(0)) + cases.no_gap(1000, Fraction(6)),
                instance=pair.lines,
            ),
        ],
    }  # fmt: skip


def pieces(claim: str) -> list[Piece]:
    """The evidence for Lemma 4.6, its note, and what replaces it."""
    if claim == "lem_4_6":
        return _13()
    if claim == "lem_4_6.information":
        return _information()
    if claim == "lem_4_6.two_interpretations":
        return _two()
    if claim == "lem_4_6.own_labels":
        return [
            Piece(
                Kind.PROOF, "checked", "every finite number of interpretations and labels",
                chain.no_shared_label,
            ),
        ]  # fmt: skip
    if claim == "lem_4_6.fano":
        return [
            Piece(
                Kind.PROOF, "checked",
                "every finite number of interpretations and labels, every decoder, 0 < eps < 1",
                lambda: chain.fano() + integral_form(),
            ),
            Piece(
                Kind.TIGHT, "checked",
                "equality where the posterior is (1 - eps, eps/(k-1), ...) for every label",
                chain.equality_in_fano,
            ),
            Piece(
                Kind.INFORMATIVE, "checked",
                "three interpretations, eps = 1/100: the bound is below log 3, the range of c",
                chain.fano_speaks,
            ),
        ]  # fmt: skip
    return _refuted()[claim]
