"""Planted faults: a lemma damaged in each of the ways that must not pass, and what is then said."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from proofs_checks.lemma import Lemma


def damaged(lemma: Lemma) -> Iterator[tuple[str, Lemma, str]]:
    """``(what was done, the lemma, words of the refusal)``."""
    statement, certificate = lemma
    products = tuple(product for product in certificate.products if product[0] != 0)

    def with_certificate(**changes: object) -> Lemma:
        return Lemma(statement, dataclasses.replace(certificate, **changes))  # type: ignore[arg-type]

    def with_statement(**changes: object) -> Lemma:
        return Lemma(dataclasses.replace(statement, **changes), certificate)  # type: ignore[arg-type]

    yield "another claim", with_certificate(claim="thm_9_9"), "the certificate is for thm_9_9"
    yield "a stronger goal", with_statement(goal=statement.goal - 1), "differ as polynomials"
    if statement.goal.terms:
        yield "the other sign", with_statement(goal=-statement.goal), "differ as polynomials"
    if products:
        (c, names), rest = products[0], products[1:]
        yield "a product left out", with_certificate(products=rest), "differ as polynomials"
        negative = ((-c, names), *rest)
        yield "a negative multiplier", with_certificate(products=negative), "negative coefficient"
        atoms = {name: atom for name, atom in statement.atoms.items() if name != names[0]}
        yield "an atom that is no hypothesis", with_statement(atoms=atoms), "no hypothesis"
    if statement.zero_sums:
        yield "no zero sum", with_statement(zero_sums={}), "among the zero sums"
        multipliers = {k: -m for k, m in certificate.zero_multipliers.items()}
        flipped = with_certificate(zero_multipliers=multipliers)
        yield "a multiplier of the other sign", flipped, "differ as polynomials"
    if statement.nonnegative_sums:
        yield "no nonnegative sum", with_statement(nonnegative_sums={}), "nonnegative sums"


def survivors(lemma: Lemma) -> list[str]:
    """The faults that the checker lets pass, or refuses in other words; empty if none."""
    found = [f"sound, yet refused: {fault}" for fault in lemma.faults()]
    for done, broken, said in damaged(lemma):
        if not any(said in fault for fault in broken.faults()):
            found.append(f"{done}: {broken.faults()}")
    return found
