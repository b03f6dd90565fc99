"""Six planted faults, each rejected by the kernel with its reason; the sound originals pass.

The checker's own rules are attacked one by one in ``test_checker.py``, a user's file in
``test_claim_file.py``, the committed table in ``test_claims.py``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from flint import arb
from typer.testing import CliRunner

from paper_repro.cli import app
from proofs_checks import asm_1, n_3, thm_4_3
from proofs_checks.balls import Truth, decide, greater
from proofs_checks.checker import SummedCertificate, SummedStatement, check
from proofs_checks.claim_file import EXAMPLE, ClaimFileError, check_file
from proofs_checks.claims import select
from proofs_checks.counterexamples import THM_4_3_EQ_11, Instance
from proofs_checks.evidence import Evidence, Kind, Piece
from proofs_checks.run import check_claim
from proofs_checks.verdict import Judgement, Verdict, judge

EQ_11 = "thm_4_3.eq_11@gibbs.signed.at_least_phi"
INSTANCE = THM_4_3_EQ_11["at_least_phi"]


def judged(claim: str, kind: Kind, run: Callable[[], list[str]]) -> Judgement:
    """What the kernel says of a claim of the registry if this is all of its evidence."""
    piece = Piece(kind, "checked", "planted", run)
    return check_claim(select(claim)[0], pieces=[piece]).judgement


def by_certificate(
    statement: SummedStatement = n_3.STATEMENT, certificate: SummedCertificate = n_3.CERTIFICATE
) -> Judgement:
    return judged("n_3", Kind.PROOF, lambda: check(statement, certificate))


def by_instance(instance: Instance = INSTANCE, widened: int = 0, sign: int = 1) -> Judgement:
    """Inequality (11) refuted by an instance, the ball of its right side widened by a radius."""

    def refuted() -> list[str]:
        b = thm_4_3.bound(instance, risk="gibbs", gap="signed", condition="at_least_phi")
        right = b.rhs + arb(0, widened)
        answer = decide(lambda: greater(sign * b.lhs, sign * right))
        violated = [] if answer is Truth.TRUE else [f"lhs > rhs is {answer.value}"]
        return thm_4_3.hypothesis_faults(instance, "at_least_phi") + violated

    return judged(EQ_11, Kind.COUNTEREXAMPLE, refuted)


def evidence_for(claim: str) -> Judgement:
    """``n_3`` judged by a piece that passed for ``claim``."""
    return judge("n_3", [Evidence(claim, Kind.PROOF, "checked", "planted", True, 0.0)])


def test_the_originals_pass() -> None:
    assert by_certificate() == Judgement(Verdict.PROVED, "checked")
    assert by_instance() == Judgement(Verdict.REFUTED, "checked")
    assert evidence_for("n_3") == Judgement(Verdict.PROVED, "checked")


_SMALLER = dataclasses.replace(
    n_3.STATEMENT, goal=n_3.STATEMENT.goal - Fraction(1, 8) * (n_3._u + n_3._v)
)
"""7/4 TV in the place of 2 TV, which a small move past a tie of two labels violates."""
_WRONG_SIGN = dataclasses.replace(n_3.STATEMENT, goal=-n_3.STATEMENT.goal)
_NO_MAXIMUM = dataclasses.replace(n_3.STATEMENT, nonnegative_sums={})
_CUT = dataclasses.replace(n_3.CERTIFICATE, products=n_3.CERTIFICATE.products[:3])
_RIGHT = (Fraction(1), Fraction(0))
_RELABELLED = dataclasses.replace(INSTANCE, p_true_perturbed=(_RIGHT,))
_CERTAIN = dataclasses.replace(
    _RELABELLED, name="certain_oracle", p=_RIGHT, perturbed=(_RIGHT,), p_true=_RIGHT
)

FAULTS: dict[str, tuple[Callable[[], Judgement], str]] = {
    "a false claim, proved": (lambda: by_certificate(_SMALLER), "differ as polynomials"),
    "a false claim, refuted by an instance that it holds for": (
        lambda: by_instance(_CERTAIN),
        "lhs > rhs is false",
    ),
    "a wrong sign in a proof": (lambda: by_certificate(_WRONG_SIGN), "differ as polynomials"),
    "a wrong sign in a counterexample": (lambda: by_instance(sign=-1), "lhs > rhs is false"),
    "a dropped hypothesis of a proof": (
        lambda: by_certificate(_NO_MAXIMUM),
        "no hypothesis \"y1 maximises q_x'\" among the nonnegative sums",
    ),
    "a dropped hypothesis of a counterexample": (
        lambda: by_instance(_RELABELLED),
        "the perturbation changes the label law",
    ),
    "a widened ball": (lambda: by_instance(widened=1), "lhs > rhs is unknown"),
    "a truncated certificate": (lambda: by_certificate(certificate=_CUT), "differ as polynomials"),
    "a certificate that belongs to another id": (
        lambda: by_certificate(certificate=asm_1.certificate(1)),
        "the certificate is for asm_1@tv, not for n_3",
    ),
    "evidence that belongs to another id": (
        lambda: evidence_for("n_4.mean"),
        "evidence belongs to n_4.mean",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_planted_fault_leaves_the_claim_unverified_with_the_reason(name: str) -> None:
    run, said = FAULTS[name]
    found = run()
    assert found.verdict is Verdict.UNVERIFIED
    assert said in found.reason


@pytest.mark.parametrize("kept", [0.25, 0.5, 0.75])
def test_a_truncated_file_is_rejected_with_the_reason(tmp_path: Path, kept: float) -> None:
    path = tmp_path / "mine.py"
    path.write_text(EXAMPLE[: int(len(EXAMPLE) * kept)], encoding="utf-8")
    with pytest.raises(ClaimFileError, match=r"does not load: SyntaxError|pieces is missing"):
        check_file(path)


def test_a_false_claim_of_ones_own_stays_unverified_and_is_status_1(tmp_path: Path) -> None:
    """KL >= TV is false, and refuted; its opposite, claimed of the same instance, is not."""
    path = tmp_path / "mine.py"
    path.write_text(EXAMPLE.replace("Kind.COUNTEREXAMPLE", "Kind.PROOF").replace(
        "balls.greater(total_variation(P, Q), kl_divergence(P, Q))",
        "balls.greater(kl_divergence(P, Q), total_variation(P, Q))",
    ), encoding="utf-8")  # fmt: skip
    result = CliRunner().invoke(app, ["verify", str(path)])
    assert result.exit_code == 1
    assert "my_bound: UNVERIFIED" in result.stdout
    assert "TV > KL is false" in result.stdout
