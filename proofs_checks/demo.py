"""Two forgeries before the reader's eyes: one constant of a proof, one entry of a counterexample.

Each runs through the same kernel as the original. The demonstration succeeds if both originals keep
their verdict and both forgeries lose it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from proofs_checks import n_3, thm_4_3
from proofs_checks.checker import SummedCertificate, check
from proofs_checks.claim import Claim
from proofs_checks.claims import select
from proofs_checks.counterexamples import THM_4_3_EQ_11, Instance
from proofs_checks.evidence import Kind, Piece, Row
from proofs_checks.run import check_claim
from proofs_checks.verdict import Judgement, Verdict

READING = "thm_4_3.eq_11@gibbs.signed.at_least_phi"


@dataclass(frozen=True)
class Forgery:
    """A piece of evidence and its corrupted copy, drawn line by line, and their verdicts."""

    claim: Claim
    what: str
    original: tuple[Row, ...]
    corrupted: tuple[Row, ...]
    before: Judgement
    after: Judgement

    @property
    def caught(self) -> bool:
        """Whether the original stands and the forgery does not."""
        stands = self.before.verdict in (Verdict.PROVED, Verdict.REFUTED)
        return stands and self.after.verdict is Verdict.UNVERIFIED


def corrupted_certificate(k: int = 4, constant: Fraction = Fraction(2)) -> SummedCertificate:
    """The certificate of n_3 with the constant before its k-th product replaced."""
    products = list(n_3.CERTIFICATE.products)
    products[k] = (constant, products[k][1])
    return dataclasses.replace(n_3.CERTIFICATE, products=tuple(products))


def corrupted_instance(entry: Fraction = Fraction(2)) -> Instance:
    """The counterexample to (11) with the loss of answering 0 under label 1 replaced."""
    instance = THM_4_3_EQ_11["at_least_phi"]
    first, *others = instance.loss
    return dataclasses.replace(instance, loss=((first[0], entry), *others))


@cache
def _standing(claim: Claim) -> Judgement:
    """The verdict with the evidence as it is."""
    return check_claim(claim).judgement


def _certificate_lines(certificate: SummedCertificate) -> tuple[Row, ...]:
    products = [
        (" * ".join(f"({x})" if " " in x else x for x in names), str(c))
        for c, names in certificate.products
    ]
    zero = [(f"({name})", str(m.at({}))) for name, m in certificate.zero_multipliers.items()]
    rest = [(f"({name})", str(c)) for name, c in certificate.nonnegative_multipliers.items()]
    return (*products, *zero, *rest)


def forged_certificate(certificate: SummedCertificate) -> Forgery:
    """n_3 with its certificate, and with another."""
    claim = select("n_3")[0]
    piece = Piece(
        Kind.PROOF, "checked", "the certificate", lambda: check(n_3.STATEMENT, certificate)
    )
    return Forgery(
        claim,
        "one constant of the certificate",
        _certificate_lines(n_3.CERTIFICATE),
        _certificate_lines(certificate),
        _standing(claim),
        check_claim(claim, pieces=[piece]).judgement,
    )


def forged_counterexample(instance: Instance) -> Forgery:
    """Inequality (11) with its counterexample, and with another instance."""
    claim = select(READING)[0]
    risk, gap, condition = READING.split("@")[1].split(".")

    def refuted() -> list[str]:
        faults = thm_4_3.hypothesis_faults(instance, condition)
        return faults + thm_4_3.violation_faults(instance, risk=risk, gap=gap, condition=condition)

    piece = Piece(Kind.COUNTEREXAMPLE, "checked", "the counterexample", refuted)
    return Forgery(
        claim,
        "one entry of the counterexample",
        tuple(THM_4_3_EQ_11[condition].lines()),
        tuple(instance.lines()),
        _standing(claim),
        check_claim(claim, pieces=[piece]).judgement,
    )


def forgeries() -> list[Forgery]:
    """The two of the demonstration."""
    return [
        forged_certificate(corrupted_certificate()),
        forged_counterexample(corrupted_instance()),
    ]


def side_by_side(forgery: Forgery) -> Iterator[str]:
    """Original and copy as one aligned table, the changed line marked."""
    rows = [("", "original", "corrupted")]
    for (name, value), (_, changed) in zip(forgery.original, forgery.corrupted, strict=True):
        rows.append((name, value, changed))
    rows.append(("verdict", forgery.before.verdict.value, forgery.after.verdict.value))
    widths = [max(len(row[k]) for row in rows) for k in range(3)]
    yield f"{forgery.claim.id}: {forgery.what}"
    for row in rows:
        cells = "  ".join(f"{cell:{w}}" for cell, w in zip(row, widths, strict=True))
        differs = row[1] != row[2] and row[0] not in ("", "verdict")
        yield f"  {cells}{'  <- changed' if differs else ''}".rstrip()
    caught = "caught" if forgery.caught else "NOT CAUGHT"
    yield f"  {caught}: {forgery.after.reason or 'no reason given'}"
