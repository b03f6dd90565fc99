r"""Lemma 4.7, the entropy-stability tension: true of label smoothing, false of higher entropy.

"Spreading mass uniformly" is read in A.4 as label smoothing, one alpha for all inputs. Then every
f-divergence shrinks at least by alpha (lem_4_7.smoothing), which is sharp for TV alone: KL, JSD and
chi-squared shrink by the factor of n_6. Without it, a constant model is as stable as can be, and a
change of temperature, or a share that depends on the input, can make a model more sensitive. The
claim on risk depends on which risk is meant; accuracy never changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial

from proofs_checks import contraction as by
from proofs_checks import entropy_stability as cases
from proofs_checks import label_smoothing as smoothing
from proofs_checks.claim import Claim
from proofs_checks.counterexamples import row
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.mixtures import integral_form

_WHERE = "section 4.5, Lemma 4.7"
_TITLE = "Entropy-stability tension"
_STABLE = "i.e., the higher-entropy model is less sensitive to perturbations."
_RISKIER = "However, its base risk , so accuracy decreases."
_SPREADS = "Suppose achieves this higher entropy by spreading mass uniformly."


def _general() -> Iterator[Claim]:
    readings = {
        "entropy": "any model whose entropy is at least that of the first at every input",
        "input_alpha": (
            "the second model mixes each output with the uniform law, by a share that may depend "
            "on the input"
        ),
        "temperature": "the second model divides the logits by a temperature T > 1",
    }
    for name, words in readings.items():
        yield Claim(
            id=f"lem_4_7.general@{name}",
            kind="formal",
            title=f"{_TITLE}: higher entropy, lower sensitivity",
            statement=(
                "If H_theta'(x) >= H_theta(x) for every x, by spreading mass uniformly, then "
                "S_theta'(x) <= S_theta(x)."
            ),
            formula=r"H_{\theta'} \ge H_\theta \implies S_{\theta'}(x) \le S_\theta(x)",
            source="reconstructed",
            where=f"{_WHERE}, first claim",
            quote=f"{_SPREADS} Then for any with : {_STABLE}",
            silent="what spreading mass uniformly allows; A.4 takes one share for all inputs",
            reading=words,
            severity="conclusion",
            breaks="A.4 treats only outputs that are smoothed by one common share alpha",
            ref=("lem_4_7_general",),
            repair="lem_4_7.smoothing",
        )


def _risk() -> Iterator[Claim]:
    readings = {
        "gibbs": "R is the 0-1 risk of a label drawn from the output",
        "argmax": "R is the error of the most likely label, which accuracy measures",
        "log_loss": "R is the expected log-loss",
        "self": "R is the model's 0-1 risk under its own output, 1 - max q, which is not uniform",
        "self_any_loss": "R is the model's risk under its own output, for any loss",
    }
    for name, words in readings.items():
        yield Claim(
            id=f"lem_4_7.risk@{name}",
            kind="formal",
            title=f"{_TITLE}: higher risk",
            statement="Label smoothing with alpha < 1 raises the risk: R_theta' > R_theta.",
            formula=r"R_{\theta'} > R_\theta",
            source="reconstructed",
            where=f"{_WHERE}, second claim; proof in A.4, step 2",
            quote=_RISKIER,
            silent="which risk; the optimal predictor under P_theta', says A.4",
            reading=words,
            severity="conclusion",
            breaks=(
                "step 2 of A.4 calls the loss of the uniform component additional; it is less than "
                "what it replaces where the model is wrong"
            ),
            ref=("lem_4_7_risk", "self_risk"),
            repair="lem_4_7.gibbs",
        )


CLAIMS = (
    *_general(),
    Claim(
        id="lem_4_7.smoothing",
        kind="formal",
        title="Label smoothing contracts every f-divergence by alpha",
        statement=(
            "For every f-divergence D, every fixed law u and alpha in [0, 1], D(alpha p + (1 - "
            "alpha) u, alpha q + (1 - alpha) u) <= alpha D(p, q); so S' <= alpha S. No smaller "
            "factor serves TV."
        ),
        formula=r"D(\alpha p + \bar\alpha u, \alpha q + \bar\alpha u) \le \alpha D(p, q)",
        source="reconstructed",
        where="A.4, step 1, with the factor alpha",
        quote="Step 1: JSD under label smoothing.",
        silent="the power of alpha: the formula is lost; alpha squared is lem_4_7.alpha_squared",
        fidelity="equivalent",
        severity="conclusion",
        ref=("lem_4_7",),
        bound=True,
        credit="joint convexity of f-divergences (Csiszar)",
    ),
    Claim(
        id="lem_4_7.alpha_squared",
        kind="formal",
        title="Label smoothing contracts JSD by alpha squared",
        statement="For every number of labels, uniform u: JSD(p', q') <= alpha^2 JSD(p, q).",
        formula=r"\mathrm{JSD}(p', q') \le \alpha^2\, \mathrm{JSD}(p, q)",
        source="reconstructed",
        where="A.4, step 1, with the factor alpha squared",
        quote=(
            "so the pointwise differences in the numerator of the KL divergences in JSD are scaled "
            "by ."
        ),
        silent="the power of alpha: the formula is lost",
        fidelity="related",
        severity="step",
        breaks="scaling the differences by alpha does not scale the denominators, which grow less",
        ref=("lem_4_7", "smoothing_factor"),
        repair="n_6",
    ),
    Claim(
        id="lem_4_7.two_labels",
        kind="formal",
        title="Two labels: label smoothing contracts JSD by alpha squared",
        statement="For two labels and uniform u: D(p', q') <= alpha^2 D(p, q), D as in n_6.",
        formula=r"n = 2:\quad D(p', q') \le \alpha^2 D(p, q)",
        source="ours",
        where="A.4, step 1, where its factor alpha squared holds",
        ref=("lem_4_7",),
        bound=True,
        credit="n_6 at n = 2: the binary symmetric channel (Ahlswede and Gacs 1976)",
    ),
    Claim(
        id="lem_4_7.two_labels_any_law",
        kind="formal",
        title="Two labels, any law: contraction by alpha squared",
        statement="For two labels and any fixed law u: D(p', q') <= alpha^2 D(p, q), D as in n_6.",
        formula=r"n = 2,\ u \text{ any}:\quad D(p', q') \le \alpha^2 D(p, q)",
        source="ours",
        where="A.4, step 1, for a law that is not uniform",
        credit="n_19 has the sharp factor",
        breaks="the proof of n_6 adds the same (1 - alpha)/n to every label",
        ref=("chi2_divergence", "smoothing_factor_for"),
        repair="n_19",
    ),
    *_risk(),
    Claim(
        id="lem_4_7.gibbs",
        kind="formal",
        title="The risk of a smoothed output is a mean",
        statement=(
            "Under label smoothing and the 0-1 loss the Gibbs risk is R' = alpha R + (1 - alpha)(1 "
            "- 1/n): it rises iff R < 1 - 1/n, whatever the label law."
        ),
        formula=r"R_{\theta'} = \alpha R_\theta + (1-\alpha)\left(1 - \tfrac1n\right)",
        source="ours",
        where="repair of Lemma 4.7, second claim",
        ref=("gibbs_risk",),
        credit="elementary",
    ),
    Claim(
        id="lem_4_7.accuracy",
        kind="formal",
        title="Label smoothing leaves accuracy as it was",
        statement="For alpha > 0 label smoothing keeps the order of the labels, ties included.",
        formula=r"\arg\max q' = \arg\max q",
        source="ours",
        where="repair of Lemma 4.7, second claim, for accuracy",
        ref=("argmax_risk",),
        credit="elementary",
    ),
)

Run = Callable[[], list[str]]


def _against(scope: str, run: Run, drawn: Callable[[], list[Row]]) -> Piece:
    return Piece(Kind.COUNTEREXAMPLE, "checked", scope, run, instance=drawn)


def _proved(scope: str, run: Run) -> Piece:
    return Piece(Kind.PROOF, "checked", scope, run)


def _general_pieces(reading: str) -> list[Piece]:
    change = cases.CHANGES[reading]
    belongs: dict[str, Run] = {
        "entropy": list,
        "input_alpha": partial(cases.is_smoothed_twice, change, Fraction(9, 10), Fraction(1, 2)),
        "temperature": partial(cases.is_temperature_2, change),
    }
    scope = f"{change.name}: higher entropy at both inputs, higher S under TV and JSD, in balls"

    def run() -> list[str]:
        return belongs[reading]() + cases.more_sensitive(change)

    return [_against(scope, run, change.lines)]


def _smoothing_pieces() -> list[Piece]:
    return [
        _proved(
            "every number of labels, every convex f, law u, alpha and pair",
            smoothing.contracts_every_f_divergence,
        ),
        Piece(
            Kind.TIGHT, "checked", "TV: equality for every pair",
            smoothing.total_variation_is_scaled,
        ),
        Piece(
            Kind.INFORMATIVE, "checked",
            "(1, 0) and (0, 1), alpha = 1/2: TV halves, and three labels likewise",
            cases.total_variation_halves,
        ),
    ]  # fmt: skip


def _square_pieces() -> list[Piece]:
    p, q = cases.THREE_LABELS
    return [
        _against(
            "three labels, alpha = 1/2: JSD, KL and chi-squared, in balls",
            partial(cases.square_fails, Fraction(1, 2)),
            lambda: [("q_x", row(p)), ("q_x'", row(q)), ("alpha", "1/2")],
        ),
        Piece(
            Kind.COUNTEREXAMPLE, "checked",
            "every n >= 3 and alpha in (0, 1): n_6's factor exceeds alpha^2 and is approached",
            lambda: by.square_is_less_from_three_labels() + by.approached_at_equal_least_values(),
        ),
    ]  # fmt: skip


def _two_label_pieces() -> list[Piece]:
    def proof() -> list[str]:
        return [
            *integral_form(), *by.contraction(), *by.equal_least_values(),
            *by.square_at_two_labels(),
        ]  # fmt: skip

    return [
        _proved("every alpha and pair, every mixture divergence", proof),
        Piece(
            Kind.TIGHT, "checked", "approached: (1/2 + t, 1/2 - t) and its swap, factor 1 - 4 t^2",
            by.approached_at_equal_least_values,
        ),
        Piece(
            Kind.INFORMATIVE, "checked", "alpha^2 < alpha: (1, 0) and (0, 1) at alpha = 1/2",
            cases.square_speaks,
        ),
    ]  # fmt: skip


def _risk_pieces(reading: str) -> list[Piece]:
    wrong, proud = cases.WRONG, cases.OVERCONFIDENT
    if reading == "self":
        return [
            _proved(
                "every number of labels, every alpha < 1 and output that is not uniform",
                smoothing.self_risk_rises,
            ),
        ]
    if reading == "self_any_loss":
        scope = "one action, q = (1, 0), losses 1 and 0: from 1 to (1 + alpha)/2, in Fractions"
        return [_against(scope, cases.self_risk_of_one_action_falls, wrong.lines)]
    if reading == "log_loss":
        scope = f"{proud.name}: the log-loss falls, in balls, the argmax being the best answer"
        return [_against(scope, partial(cases.log_loss_falls, proud), proud.lines)]
    if reading == "argmax":
        return [
            _against(
                f"{proud.name}: the error of the argmax is 1/10 before and after, in Fractions",
                partial(cases.accuracy_is_the_same, proud), proud.lines,
            ),
            Piece(
                Kind.COUNTEREXAMPLE, "checked", "every output and alpha > 0: the order is kept",
                smoothing.order_is_kept,
            ),
        ]  # fmt: skip
    scope = f"{wrong.name}: R falls from 1 to 3/4 while the entropy rises"
    return [_against(scope, partial(cases.risk_does_not_rise, wrong, "gibbs"), wrong.lines)]


def pieces(claim: str) -> list[Piece]:
    """The evidence for Lemma 4.7, the steps of A.4, and what replaces them."""
    name, _, reading = claim.removeprefix("lem_4_7.").partition("@")
    if name == "general":
        return _general_pieces(reading)
    if name == "risk":
        return _risk_pieces(reading)
    if name == "two_labels_any_law":
        p, q = cases.TWO_LABELS
        return [
            _against(
                "u = (1, 9)/10, alpha = 1/2: chi-squared shrinks by 21/64 (Fractions), KL and JSD "
                "by more than 1/4 (balls)", cases.square_fails_off_uniform,
                lambda: [("u", row(cases.LOPSIDED)), ("q_x, q_x'", f"{row(p)}, "
                         f"{row(q)}")],
            ),
        ]  # fmt: skip
    if name in ("gibbs", "accuracy"):
        run = {"gibbs": smoothing.gibbs_risk_is_a_mean, "accuracy": smoothing.order_is_kept}[name]
        return [_proved("every number of labels, output, label law and alpha", run)]
    return {
        "smoothing": _smoothing_pieces,
        "alpha_squared": _square_pieces,
        "two_labels": _two_label_pieces,
    }[name]()
