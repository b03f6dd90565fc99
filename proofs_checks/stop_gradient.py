r"""Steps on the consistency loss (17) with a stop-gradient, on two-label logistic models.

With ``q_x = (sigma(z), 1 - sigma(z))`` and ``q_x' = (sigma(z'), 1 - sigma(z'))``,

    d/dz  KL(q_x, q_x') = sigma(z) sigma(-z) (z - z'),
    d/dz' KL(q_x, q_x') = sigma(z') - sigma(z).

The printed loss ``D(q_x || sg[q_x'])`` has the first derivative alone. A model of one parameter
has z = theta x, z' = theta x'.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from proofs_checks import balls
from proofs_checks.balls import Truth, decide, greater
from proofs_checks.checker import BoxCertificate, BoxStatement, Expression, check_boxes
from sua_ref import consistency_loss, entropy

THETA = Fraction(7, 5)
INPUTS = (1, 3)
"""Two inputs, each the perturbation of the other, equally likely."""


def _sigma(z: Any) -> Any:
    return 1 / (1 + (-z).exp())


def output(z: Any) -> Any:
    """``(sigma(z), sigma(-z))`` of a ball."""
    return np.array([_sigma(z), _sigma(-z)], dtype=object)


def printed_derivative(theta: Any) -> Any:
    """d/dtheta of (17) as printed, KL, the mean over both orders of the pair."""
    total = balls.ball(0)
    for x, there in (INPUTS, INPUTS[::-1]):
        z = theta * x
        total = total + _sigma(z) * _sigma(-z) * x * theta * (x - there)
    return total / 2


def full_derivative(theta: Any) -> Any:
    """d/dtheta of the mean of ``KL(q_x, q_x')``, with no stop-gradient."""
    total = 2 * printed_derivative(theta)
    for x, there in (INPUTS, INPUTS[::-1]):
        total = total + (_sigma(theta * there) - _sigma(theta * x)) * there
    return total / 2


def inconsistency(theta: Any, reference: Any) -> Any:
    """The mean of ``KL(q_x(theta), q_x'(reference))`` over both orders, by sua_ref."""
    p = np.array([output(theta * x) for x in INPUTS])
    there = np.array([[output(reference * x)] for x in INPUTS[::-1]])
    return consistency_loss(p, there, divergence="kl")


def _shown(**answers: Truth) -> list[str]:
    return [f"{name}: {a.value}" for name, a in answers.items() if a is not Truth.TRUE]


def step_ascends() -> list[str]:
    """From theta = 7/5 to 7/5 + 1/100: the printed loss, whose second argument is held at 7/5,
    falls, and the inconsistency rises."""
    here, there = balls.ball(THETA), balls.ball(THETA + Fraction(1, 100))
    return _shown(
        downhill=decide(lambda: greater(inconsistency(here, here), inconsistency(there, here))),
        uphill=decide(lambda: greater(inconsistency(there, there), inconsistency(here, here))),
    )


def derivative_signs() -> list[str]:
    """At 7/5 the printed derivative is below -4/25 and the full one above 1/50."""
    theta = balls.ball(THETA)
    return _shown(
        printed=decide(lambda: greater(balls.ball(Fraction(-4, 25)), printed_derivative(theta))),
        full=decide(lambda: greater(full_derivative(theta), balls.ball(Fraction(1, 50)))),
    )


def ascends_on_an_interval() -> list[str]:
    """By branch and bound: on [11/8, 23/16], around 7/5, the printed derivative is negative and the
    full one positive; so every step that stays there ascends."""
    theta = Expression("variable", ("theta",))

    def sigma(z: Expression) -> Expression:
        return (0 * z + 1) / (1 + Expression("exp", (-1 * z,)))

    printed, rest = 0 * theta, 0 * theta
    for x, there in (INPUTS, INPUTS[::-1]):
        z = x * theta
        printed = printed + sigma(z) * sigma(-1 * z) * (x * (x - there)) * theta
        rest = rest + (sigma(there * theta) - sigma(z)) * there
    faults = []
    for name, goal in (("printed", -1 * printed), ("full", printed + rest)):
        claim = f"eq_17.ascent, {name}"
        statement = BoxStatement(claim, goal, {"theta": (Fraction(11, 8), Fraction(23, 16))})
        faults += check_boxes(statement, BoxCertificate(claim, "widest", 10_000))
    return faults


def reference_is_pulled() -> list[str]:
    """z = 0, z' = 1: the printed derivative is -1/4 in z and 0 in z'. A step of 1/10 in z brings
    q_x nearer to q_x' and farther from where it was; q_x' gets no gradient at all."""
    before, after = output(balls.ball(0)), output(balls.ball(Fraction(1, 10)))
    there = output(balls.ball(1))

    def loss(p: Any) -> Any:
        return consistency_loss(p[None, :], there[None, None, :], divergence="kl")

    slope = _sigma(balls.ball(0)) * _sigma(balls.ball(0)) * (0 - 1)
    exact = [] if slope == balls.ball(Fraction(-1, 4)) else [f"the derivative is {slope}"]
    return exact + _shown(
        nearer=decide(lambda: greater(loss(before), loss(after))),
        moved=decide(lambda: greater(after[0], before[0])),
    )


def perturbed_is_pulled() -> list[str]:
    """z = 0, z' = 1, the reference held: a step of 1/10 on both perturbed logits along q_x - q_x'
    brings q_x' nearer."""
    reference, here = output(balls.ball(0)), balls.ball(1)
    there = here + (reference[0] - output(here)[0]) / 5  # the difference of the two logits

    def loss(z: Any) -> Any:
        return consistency_loss(reference[None, :], output(z)[None, None, :], divergence="kl")

    return _shown(nearer=decide(lambda: greater(loss(here), loss(there))))


def uniform_is_a_minimum() -> list[str]:
    """The uniform output at every input: the loss is exactly 0, its least value, for each D."""
    faults = []
    for n in (2, 3, 5):
        u = np.array([Fraction(1, n)] * n)
        for kind in ("tv", "chi2"):
            value = consistency_loss(u[None, :], u[None, None, :], divergence=kind)
            if value != 0:
                faults.append(f"n = {n}, {kind}: {value}")
        same = balls.balls(list(u))
        for kind in ("kl", "jsd"):
            value = consistency_loss(same[None, :], same[None, None, :], divergence=kind)
            if not value.contains(0):
                faults.append(f"n = {n}, {kind}: {value}")
    return faults


def step_towards_uniform() -> list[str]:
    """q_x = (3/4, 1/4), q_x' uniform: a step that lowers the printed loss raises the entropy, as
    KL(q, u) = log n - H(q)."""
    u = balls.balls([Fraction(1, 2)] * 2)
    before, after = (balls.balls([a, 1 - a]) for a in (Fraction(3, 4), Fraction(7, 10)))

    def loss(p: Any) -> Any:
        return consistency_loss(p[None, :], u[None, None, :], divergence="kl")

    answers = _shown(
        downhill=decide(lambda: greater(loss(before), loss(after))),
        entropy=decide(lambda: greater(entropy(after), entropy(before))),
    )
    identity = loss(before) + entropy(before)
    return answers + ([] if identity.overlaps(balls.log(2)) else ["KL(q, u) + H(q) is not log 2"])
