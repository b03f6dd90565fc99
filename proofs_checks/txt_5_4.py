r"""Section 5.4: the operational proxy measures the model, not the ambiguity.

The entropy of M sampled outputs is at most H_theta on average and tends to it (n_15.samples); that
of the answers to paraphrases tends to the entropy of the mean output, which is E H + I(Y;X'), a
sensitivity again (n_15.paraphrases). Neither knows of A(x), which labels do not determine
(def_3_4): it may be log k where every output is the same, and 0 where the outputs vary.

Nor are paraphrases more faithful to A(x). Let the model answer 0 at x with certainty, and 1 at half
of the paraphrases, while there is one interpretation: A(x) = 0 is what sampling says, and
paraphrasing says log 2.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from proofs_checks import balls, log_tangents, n_15
from proofs_checks.claim import Claim, Severity
from proofs_checks.comparisons import above, exact, is_, overlap
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.lemma import HALF
from sua_ref import entropy, latent_ambiguity, mixture

_SAMPLES = "the entropy of the empirical output distribution under repeated sampling"
_PARAPHRASES = (
    "we additionally compute the entropy of outputs under independently paraphrased versions of , "
    "which provides a more faithful estimate of"
)


def _claim(
    part: str, title: str, statement: str, formula: str, quote: str, *, reading: str = "",
    severity: Severity = "step", breaks: str = "", repair: str | None = None,
    silent: str = "in which sense it estimates A(x)",
) -> Claim:  # fmt: skip
    return Claim(
        id=f"txt_5_4.{part}",
        kind="formal",
        title=title,
        statement=statement,
        formula=formula,
        source="reconstructed",
        where="section 5.4",
        quote=quote,
        silent=silent,
        reading=reading,
        fidelity="equivalent",
        severity=severity,
        breaks=breaks,
        uses=("n_15.samples",) if part == "deterministic" else (),
        ref=("ambiguity_proxy", "latent_ambiguity", "entropy"),
        repair=repair,
    )


_PROXY = "The operational proxy estimates the latent ambiguity"
CLAIMS = (
    _claim(
        "proxy@samples", _PROXY, "The entropy of M sampled outputs tends to A(x) as M grows.",
        r"H(\hat P_M) \to A(x)", _SAMPLES, reading="M independent outputs at x",
        breaks="it tends to H_theta(x)", repair="n_15.samples",
    ),
    _claim(
        "proxy@paraphrases", _PROXY,
        "The entropy of the outputs under M paraphrases tends to A(x) as M grows.",
        r"H(\hat P_M) \to A(x)", _PARAPHRASES, reading="one output at each of M paraphrases",
        breaks="it tends to E H + I(Y;X')", repair="n_15.paraphrases",
    ),
    _claim(
        "deterministic", "A deterministic model has a proxy of 0 whatever the ambiguity",
        "The mean entropy of M sampled outputs is at most H_theta(x), whatever A(x) is.",
        r"\mathbb{E}\,H(\hat P_M) \le H_\theta(x)",
        "When the model is already deterministic (low temperature), this quantity is low even for "
        "ambiguous inputs", severity="remark", silent="how low",
    ),
    _claim(
        "faithful", "Paraphrases estimate the ambiguity of a deterministic model better",
        "For a deterministic model the entropy over paraphrases is nearer to A(x) than that over "
        "samples.", r"|H(\hat P^{\mathrm{para}}_M) - A| \le |H(\hat P_M) - A|", _PARAPHRASES,
        breaks="answers vary with paraphrases for want of stability as well",
        repair="n_15.paraphrases", silent="more faithful than the samples, or in another sense",
    ),
)  # fmt: skip
_SURE, _OTHER, _COIN = (1, 0), (0, 1), (HALF, HALF)


def blind(model: Any = _SURE, law: Any = _SURE) -> list[str]:
    """Two interpretations of label 0, and a model that always says 0: A = log 2, every sample and
    every paraphrase 0, so that the frequencies are (1, 0) for every M."""
    p_z = [HALF, HALF]
    faults = is_("the truth", tuple(mixture(exact(p_z), exact([law, law]))), tuple(exact(model)))
    faults += overlap("the proxy", entropy(balls.balls(model)), balls.ball(0))
    return faults + above("A", lambda: latent_ambiguity(balls.balls(p_z)), HALF)


def sees_what_is_not_there(outputs: Any = (_COIN, _COIN)) -> list[str]:
    """One interpretation, A = 0; the mean of the equally likely outputs is (1, 1)/2, so that the
    mean proxy is at least log 2 - 1/M, which is above 1/6 for M >= 2 (n_15.samples)."""
    mean = [sum(column) * HALF for column in zip(*outputs, strict=True)]
    faults = is_("the mean output", mean, [HALF, HALF])
    faults += overlap("A", latent_ambiguity(balls.balls([1])), balls.ball(0))
    faults += log_tangents.tangent() + n_15.CONSISTENT.faults()
    return faults + above("log 2 - 1/2", lambda: entropy(balls.balls(mean)) - balls.ball(HALF),
                          Fraction(1, 6))  # fmt: skip


def less_faithful(outputs: Any = (_SURE, _OTHER)) -> list[str]:
    """A = 0 = the proxy of samples at x; the answers to paraphrases are 0 and 1 alike."""
    at_x = entropy(balls.balls(outputs[0]))
    mean = [sum(column) * HALF for column in zip(*outputs, strict=True)]
    faults = overlap("A", latent_ambiguity(balls.balls([1])), balls.ball(0))
    faults += overlap("the proxy of samples", at_x, balls.ball(0))
    return faults + above("the proxy of paraphrases", lambda: entropy(balls.balls(mean)), HALF)


def pieces(claim: str) -> list[Piece]:
    """The evidence for one record of section 5.4."""
    if claim == "txt_5_4.deterministic":
        return [
            Piece(
                Kind.PROOF, "checked", "every finite number of labels and every M; A(x) does not "
                "occur", n_15.SAMPLES.faults,
            ),
            Piece(
                Kind.SUPPORT, "checked", "the model (1, 0), two interpretations: the proxy is 0, A "
                "= log 2", blind,
            ),
        ]  # fmt: skip
    flips: list[Row] = [("Z", "constant: A = 0"), ("q at half of the paraphrases", "(0, 1)")]
    if claim == "txt_5_4.faithful":
        return [
            Piece(
                Kind.COUNTEREXAMPLE, "checked", "one interpretation, (1, 0) at x and at half of "
                "the paraphrases, (0, 1) at the rest: samples say 0 = A, paraphrases log 2",
                less_faithful, instance=lambda: [("q_x", "(1, 0)"), *flips],
            )
        ]  # fmt: skip
    samples = claim.endswith("samples")
    outputs, words, drawn = (
        ((_COIN, _COIN), "a fair coin at x", "(1/2, 1/2)")
        if samples
        else ((_SURE, _OTHER), "0 at half of the paraphrases, 1 at the rest", "(1, 0) or (0, 1)")
    )
    return [
        Piece(
            Kind.COUNTEREXAMPLE, "checked", "two interpretations of label 0, the model (1, 0): A = "
            "log 2, the proxy is 0 for every M", blind,
            instance=lambda: [("P(z|x)", "(1/2, 1/2)"), ("P(y|x,z), q_x, q_x'", "(1, 0)")],
        ),
        Piece(
            Kind.COUNTEREXAMPLE, "checked", f"one interpretation, the output {words}: A = 0, and "
            "the mean proxy is at least log 2 - 1/M, every M",
            lambda: sees_what_is_not_there(outputs),
            instance=lambda: [("Z", "constant: A = 0"), ("outputs", drawn)],
        ),
    ]  # fmt: skip
