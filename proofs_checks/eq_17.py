r"""Equation (17), the consistency loss: what its stop-gradient does, and does not do.

eq_17.half. Let D be symmetric and differentiable, and let (x, x') and (x', x) be equally likely.
Then the gradient of ``E D(q_x || sg[q_x'])`` is half of that of ``E D(q_x || q_x')``.

Proof. Take one unordered pair, of weight w in either order. Let g be the gradient through the first
argument of D(q_x, q_x') and h that through the second. Symmetry makes h the gradient through the
first argument of D(q_x', q_x), and g that through its second. The stop-gradient keeps the first
arguments: w g + w h. Without it the pair gives w (g + h) + w (h + g). Sum over pairs.

eq_17.reference_side. ``KL(q || softmax(z'))`` is ``log sum e^z' - sum q z'`` and a constant, whose
derivative in z'_y is q'_y - q_y.
"""

from __future__ import annotations

from collections.abc import Callable

from proofs_checks import stop_gradient as steps
from proofs_checks.checker import Polynomial
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece
from proofs_checks.lemma import lemma, variables
from proofs_checks.mixtures import equal

_SENTENCE = (
    "The stop-gradient on the perturbed side prevents trivial collapse to a uniform distribution "
    "and instead encourages the model to match its own output under the reference input."
)
_WHERE = "section 5.2, the sentence after (17)"
_REF = ("consistency_loss",)

CLAIMS = (
    Claim(
        id="eq_17.side",
        kind="formal",
        title="The stop-gradient on the perturbed side pulls the perturbed output",
        statement=(
            "With the stop-gradient on the perturbed side, a step on (17) moves the output under "
            "the perturbation towards the output under the reference input."
        ),
        formula=r"D(P_\theta(\cdot|x) \,\|\, \mathrm{sg}[P_\theta(\cdot|x')])",
        source="reconstructed",
        where=_WHERE,
        quote=_SENTENCE,
        silent="the formula is lost; the side is named in words",
        breaks=(
            "the perturbed pass gets no gradient, so the reference is pulled to the perturbed "
            "output; what is described is D(sg[q_x] || q_x')"
        ),
        ref=_REF,
        repair="eq_17.reference_side",
    ),
    Claim(
        id="eq_17.no_collapse",
        kind="formal",
        title="The stop-gradient prevents collapse to a uniform distribution",
        statement=(
            "With the stop-gradient on the perturbed side, the uniform predictor is no minimum of "
            "(17), and no step on it leads there."
        ),
        formula=r"P_\theta(\cdot|x) \not\to u",
        source="reconstructed",
        where=_WHERE,
        quote=_SENTENCE,
        severity="conclusion",
        breaks=(
            "every constant predictor has the least value of (17), 0, and no gradient there, with "
            "or without the stop-gradient"
        ),
        ref=_REF,
        repair="eq_17.half",
    ),
    Claim(
        id="eq_17.ascent",
        kind="formal",
        title="A step on the consistency loss lowers the inconsistency",
        statement=(
            "A small enough gradient step on (17), with its stop-gradient on the perturbed side "
            "and D = KL, does not raise E D(q_x || q_x')."
        ),
        formula=(
            r"\langle \nabla_\theta \mathbb{E} D(q_x\|\mathrm{sg}[q_{x'}]), \nabla_\theta "
            r"\mathbb{E} D(q_x\|q_{x'})\rangle \ge 0"
        ),
        source="reconstructed",
        where="section 5.2, the sentence after (17), on what the loss encourages",
        quote=(
            "This loss penalizes prediction divergence between and its perturbation , encouraging "
            "consistency."
        ),
        silent="which divergence; KL is one that the text allows",
        severity="conclusion",
        breaks="the stop-gradient drops one of two gradients, and their sum may point against it",
        ref=_REF,
        repair="eq_17.half",
    ),
    Claim(
        id="eq_17.reference_side",
        kind="formal",
        title="A stop-gradient on the reference pulls the perturbed output to the reference",
        statement=(
            "On D(sg[q_x] || q_x') with D = KL and q_x' a softmax, gradient descent moves the "
            "perturbed logits along q_x - q_x', by which the loss falls at the rate sum (q_x - "
            "q_x')^2; the reference does not move."
        ),
        formula=(
            r"-\nabla_{z'} \mathrm{KL}(\mathrm{sg}[q_x]\,\|\,\mathrm{softmax}(z')) = q_x - q_{x'}"
        ),
        source="ours",
        where="repair of the sentences on (17)",
        severity="remark",
        ref=_REF,
        credit="the gradient of the cross-entropy; classical",
    ),
    Claim(
        id="eq_17.half",
        kind="formal",
        title="For symmetric D and exchangeable pairs the stop-gradient halves the gradient",
        statement=(
            "If D is symmetric and differentiable and (x, x') has the law of (x', x), the gradient "
            "of (17) with the stop-gradient on either side is half of the gradient without it: it "
            "rescales the step and prevents nothing."
        ),
        formula=(
            r"\nabla_\theta \mathbb{E} D(q_x\|\mathrm{sg}[q_{x'}]) = \tfrac12 \nabla_\theta "
            r"\mathbb{E} D(q_x\|q_{x'})"
        ),
        source="ours",
        where="repair of the sentences on (17)",
        severity="conclusion",
        ref=_REF,
        credit="we found no earlier statement after a limited search; elementary",
    ),
)


_q, _r, _m = variables("q r m")
DESCENT = lemma(
    "eq_17.reference_side", _q * (_q - _r - _m),
    atoms={"(q - r)^2": (_q - _r) * (_q - _r)}, products={("(q - r)^2",): 1},
    zero={
        "m = sum r (q - r)": (_r * (_q - _r) - _m * _r, -1),
        "q and r sum to 1": (_q - _r, _m),
    },
    common="m",
)  # fmt: skip
"""Along the logits q - r, log r changes by q - r - m, so that KL(q || r) falls at the rate of the
sum, which is that of the squares."""


def half() -> list[str]:
    """Twice what the stop-gradient keeps of a pair is what the pair gives without it."""
    w, g, h = (Polynomial.variable(name) for name in "wgh")
    kept, everything = w * g + w * h, w * (g + h) + w * (h + g)
    return equal("one pair", 2 * kept, everything)


def pieces(claim: str) -> list[Piece]:
    """The evidence for what is said of (17)."""
    if claim == "eq_17.half":
        return [
            Piece(
                Kind.PROOF, "checked",
                "every symmetric differentiable D, model, finite exchangeable law", half,
            ),
        ]  # fmt: skip
    if claim == "eq_17.reference_side":
        return [
            Piece(
                Kind.PROOF, "checked", "every finite number of labels, every pair of outputs",
                DESCENT.faults,
            ),
            Piece(
                Kind.SUPPORT, "checked", "logits 0 and 1 of two labels: a step of 1/10 lowers the "
                "loss, in balls", steps.perturbed_is_pulled,
            ),
        ]  # fmt: skip
    found: dict[str, list[tuple[str, Callable[[], list[str]]]]] = {
        "eq_17.side": [
            (
                "KL, logits 0 and 1 of two labels: derivative -1/4 through q_x, none through q_x'; "
                "a step moves q_x to q_x', in balls", steps.reference_is_pulled,
            ),
        ],
        "eq_17.no_collapse": [
            (
                "the uniform predictor: (17) is 0, its least value, for TV, chi-squared, KL and "
                "JSD", steps.uniform_is_a_minimum,
            ),
            (
                "q_x = (3, 1)/4, q_x' uniform, KL: a step downhill raises the entropy, in balls",
                steps.step_towards_uniform,
            ),
        ],
        "eq_17.ascent": [
            (
                "logistic model, inputs 1 and 3, theta = 7/5, KL: a step of 1/100 lowers the "
                "printed loss and raises the inconsistency, in balls", steps.step_ascends,
            ),
            (
                "there the derivative of the printed loss is below -4/25, that of the "
                "inconsistency above 1/50, in balls", steps.derivative_signs,
            ),
            (
                "the signs hold on [11/8, 23/16], by branch and bound: every step that stays there "
                "ascends", steps.ascends_on_an_interval,
            ),
        ],
    }  # fmt: skip
    return [Piece(Kind.COUNTEREXAMPLE, "checked", scope, run) for scope, run in found[claim]]
