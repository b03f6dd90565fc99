"""Instances of Lemma 4.6: interpretations that share labels, and some that do not.

Where every interpretation has the same label, the input is not ambiguous as far as labels go, and
Lemma 4.6 says nothing: A(x) is all slack.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from proofs_checks import balls
from proofs_checks.asm_1 import distributions
from proofs_checks.balls import Truth, decide, greater
from proofs_checks.counterexamples import Row, row
from sua_ref import (
    Bound,
    conditional_entropy,
    latent_ambiguity,
    lem_4_6,
    mixture,
    mutual_information,
    predictive_entropy,
    true_uncertainty,
)

_ZERO, _HALF, _ONE = Fraction(0), Fraction(1, 2), Fraction(1)


@dataclass(frozen=True)
class Ambiguous:
    """A model output at one input, its interpretations, and the label law of each."""

    name: str
    p: Row
    p_z: Row
    p_y_given_z: tuple[Row, ...]

    def lines(self) -> list[tuple[str, str]]:
        """The instance as a small table."""
        laws = enumerate(zip(self.p_z, self.p_y_given_z, strict=True))
        return [
            ("q_x", row(self.p)),
            *((f"P(z={z}), P(y|z)", f"{m}, {row(v)}") for z, (m, v) in laws),
        ]

    def bound(self, alpha: Fraction | None = None, beta: Fraction | None = None) -> Bound:
        """Both sides of (13), in balls."""
        arrays = (balls.balls(v) for v in (self.p, self.p_z, self.p_y_given_z))
        return lem_4_6(*arrays, alpha=alpha, beta=beta)

    def joint(self) -> list[list[Fraction]]:
        """P(y, z), a row for each label."""
        labels = range(len(self.p))
        laws = list(zip(self.p_z, self.p_y_given_z, strict=True))
        return [[m * v[y] for m, v in laws] for y in labels]


def same_label(k: int, p: Row = (_ONE, _ZERO)) -> Ambiguous:
    """k equally likely interpretations, all of label 0."""
    return Ambiguous(f"same_label_{k}", p, (Fraction(1, k),) * k, ((_ONE, _ZERO),) * k)


OWN_LABELS = Ambiguous("own_labels", (_ONE, _ZERO), (_HALF, _HALF), ((_ONE, _ZERO), (_ZERO, _ONE)))
"""Two equally likely interpretations with different labels, and a model that knows one of them."""
OWN_LABEL_SETS = Ambiguous(
    "own_label_sets",
    (_ONE, _ZERO, _ZERO),
    (_HALF, _HALF),
    ((_HALF, _HALF, _ZERO), (_ZERO, _ZERO, _ONE)),
)
"""The label of the first interpretation is random, yet each label tells the interpretation."""


def _decided(what: str, answer: Truth) -> list[str]:
    return [] if answer is Truth.TRUE else [f"{what}: {answer.value}"]


def deterministic(instance: Ambiguous) -> list[str]:
    """Faults unless each interpretation specifies its label: its law is one-hot."""
    return [
        f"interpretation {z} has the label law {row(law)}"
        for z, law in enumerate(instance.p_y_given_z)
        if sorted(law)[-1] != 1
    ]


def shared(instance: Ambiguous) -> list[int]:
    """The labels that two interpretations of positive mass may have."""
    return [y for y, masses in enumerate(instance.joint()) if sum(m > 0 for m in masses) > 1]


def note_fails(instance: Ambiguous) -> list[str]:
    """Deterministic labels, yet c(x) = H(Z|x,Y) > 0."""
    table = balls.balls(instance.joint())
    answer = decide(lambda: greater(conditional_entropy(table), balls.ball(0)))
    return deterministic(instance) + _decided("c > 0", answer)


def stochastic_yet_no_slack(instance: Ambiguous) -> list[str]:
    """A random label, yet no label shared: c = 0 by ``interpretations.no_shared_label``."""
    if not deterministic(instance):
        return ["every interpretation determines its label"]
    return [f"label {y} is shared" for y in shared(instance)]


def no_gap(k: int, beyond: Fraction) -> list[str]:
    """H_theta = 0 and Delta = 0 while A = log k exceeds ``beyond``."""
    instance = same_label(k)
    exact = np.array(instance.p_z, dtype=object), np.array(instance.p_y_given_z, dtype=object)
    faults = [] if tuple(mixture(*exact)) == instance.p else ["the model is not the mixture"]
    if sorted(instance.p)[-1] != 1:
        faults.append("H_theta is not 0")
    ambiguity = latent_ambiguity(balls.balls(instance.p_z))
    return faults + _decided(
        f"A > {beyond}", decide(lambda: greater(ambiguity, balls.ball(beyond)))
    )


def overestimates(k: int, p: Row, alpha: Fraction, beta: Fraction) -> list[str]:
    """A >= alpha and H_theta <= beta are met, and H_theta > H*: every label is 0."""
    instance = same_label(k, p)

    def met() -> bool:
        return all(bool(v) for v in instance.bound(alpha, beta).hypotheses.values())

    def above() -> bool:
        truth = mixture(balls.balls(instance.p_z), balls.balls(instance.p_y_given_z))
        return greater(predictive_entropy(balls.balls(p)), true_uncertainty(truth))

    return _decided("the collapse", decide(met)) + _decided("H_theta > H*", decide(above))


GARBLED = Ambiguous(
    "garbled", (_ONE, _ZERO), (_HALF, _HALF),
    ((Fraction(9, 10), Fraction(1, 10)), (Fraction(1, 10), Fraction(9, 10))),
)  # fmt: skip
"""A label tells its interpretation nine times in ten: I = .368, and the gap is log 2."""


def below_the_gap(instance: Ambiguous) -> list[str]:
    """``1/3 < lhs < rhs`` of (13), certified: the bound speaks, and is no equality."""
    low = decide(lambda: greater(instance.bound().lhs, balls.ball(Fraction(1, 3))))
    high = decide(lambda: greater(instance.bound().rhs, instance.bound().lhs))
    return _decided("lhs > 1/3", low) + _decided("rhs > lhs", high)


def positive_bound(instance: Ambiguous) -> list[str]:
    """The left side of (13) is certified to be positive."""
    return _decided("lhs > 0", decide(lambda: greater(instance.bound().lhs, balls.ball(0))))


def encoding() -> list[str]:
    """The sums of ``interpretations`` are what sua_ref computes, to within its balls."""
    for p_z, first, second in product(
        distributions(2, 3), distributions(2, 3), distributions(2, 3)
    ):
        instance = Ambiguous("", first, p_z, (first, second))
        sums: dict[str, Any] = {name: balls.ball(0) for name in "abcd"}
        for y, masses in enumerate(instance.joint()):
            for z, mass in enumerate(masses):
                if mass > 0:
                    law, total = instance.p_y_given_z[z][y], sum(masses)
                    logs = {"a": p_z[z], "b": law, "c": mass / total, "d": total}
                    if logs["a"] * logs["b"] != logs["c"] * logs["d"]:
                        return ["Bayes' rule fails"]
                    for name, value in logs.items():
                        sums[name] = sums[name] - balls.ball(mass) * balls.log(value)
        faults = _differences(instance, sums)
        if faults:
            return [f"P(z) = {p_z}, laws {first}, {second}: {x}" for x in faults]
    return []


def _differences(instance: Ambiguous, sums: dict[str, Any]) -> list[str]:
    z, laws = balls.balls(instance.p_z), balls.balls(instance.p_y_given_z)
    table = balls.balls(instance.joint())
    by_interpretation = table.T
    computed = {
        "a": latent_ambiguity(z),
        "b": conditional_entropy(by_interpretation),
        "c": conditional_entropy(table),
        "d": predictive_entropy(mixture(z, laws)),
    }
    faults = [name for name, value in computed.items() if not value.overlaps(sums[name])]
    if not (sums["a"] - sums["c"]).overlaps(mutual_information(table)):
        faults.append("I")
    return faults
