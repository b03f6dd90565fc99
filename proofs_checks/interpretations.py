r"""Entropies over interpretations and labels: certificates for any number of either.

Every pair i = (z, y) of an interpretation and a label carries

* w = P(z, y | x), its mass,
* a = log 1/P(z|x) and b = log 1/P(y|x,z), both >= 0,
* c = log 1/P(z|x,y) >= 0 and d = log 1/P(y|x).

Bayes' rule, under the logarithm, is a + b = c + d; it is how d enters: as a + b - c. The sums over
pairs of w a, w b, w c, w d are A(x), H(Y|x,Z), c(x) = H(Z|x,Y) and H*(x). A constant times w sums
to that constant. Pairs of mass 0 count nothing.

Three facts are certified: the chain rule behind Lemma 4.6, Fano's inequality for c(x), and that c
vanishes where no two interpretations share a label.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from proofs_checks import balls
from proofs_checks.balls import Truth, decide, greater
from proofs_checks.checker import Polynomial, SummedCertificate, SummedStatement, check
from proofs_checks.mixtures import equal
from sua_ref import entropy

_names = "w a b c r e eps right wrong other cell alpha beta h Delta"
w, a, b, c, r, e, eps, right, wrong, other, cell, alpha, beta, h, Delta = (
    Polynomial.variable(name) for name in _names.split()
)
d = a + b - c
_ONE = Polynomial.constant(1)
_GLOBAL = frozenset(["alpha", "beta", "h", "Delta", "eps", "right", "wrong"])
_ATOMS = {"w": w, "b": b, "c": c}


def _shown(
    claim: str,
    goal: Polynomial,
    product: tuple[str, ...],
    *,
    at_least: Mapping[str, Polynomial] | None = None,
    zero: Mapping[str, tuple[Polynomial, Polynomial]] | None = None,
    atoms: Mapping[str, Polynomial] = _ATOMS,
) -> list[str]:
    """``sum goal >= 0`` from one product of atoms, hypotheses that are sums >= 0 (each used once),
    and hypotheses that are sums = 0, each with its multiplier."""
    zero = zero or {}
    statement = SummedStatement(
        claim=claim,
        global_variables=_GLOBAL,
        goal=goal,
        atoms=atoms,
        zero_sums={name: z for name, (z, _) in zero.items()},
        nonnegative_sums=at_least or {},
    )
    certificate = SummedCertificate(
        claim=claim,
        products=((Fraction(1), product),) if product else (),
        zero_multipliers={name: m for name, (_, m) in zero.items()},
        nonnegative_multipliers={name: Fraction(1) for name in at_least or {}},
    )
    return check(statement, certificate)


THRESHOLDS = {
    "A >= alpha": w * (a - alpha),
    "H_theta <= beta": w * (beta - h),
    "Delta >= H* - H_theta": w * (Delta - d + h),
}


def inequality_13() -> list[str]:
    """``Delta >= alpha - beta - c``: what is left over is H(Y|x,Z)."""
    return _shown("(13)", w * (Delta - alpha + beta + c), ("w", "b"), at_least=THRESHOLDS)


def equality_in_13() -> list[str]:
    """``Delta <= alpha - beta - c`` too, where A = alpha, H_theta = beta, H* >= H_theta and each
    interpretation determines its label."""
    zero = {name: (z, _ONE) for name, z in THRESHOLDS.items()}
    zero["H(Y|x,Z) = 0"] = (w * b, _ONE)
    return _shown("equality in (13)", -w * (Delta - alpha + beta + c), (), zero=zero)


def gap_from_information() -> list[str]:
    """``A - c = I(Y;Z|x)``, ``Delta >= I - H_theta``, ``I <= H* <= A + H(Y|x,Z)``."""
    information = w * (d - b)
    between = {"Delta >= H* - H_theta": w * (Delta - d + h)}
    return [
        *equal("A - c = I", w * (a - c), information),
        *_shown("Delta >= I - H", w * Delta - information + w * h, ("w", "b"), at_least=between),
        *_shown("I <= H*", w * d - information, ("w", "b")),
        *_shown("H* <= A + H(Y|x,Z)", w * (a + b - d), ("w", "c")),
    ]


def equality_from_information() -> list[str]:
    """``Delta <= I - H_theta`` too, where labels are determined and H* >= H_theta."""
    zero = {
        "Delta = H* - H_theta": (w * (Delta - d + h), _ONE),
        "H(Y|x,Z) = 0": (w * b, _ONE),
    }
    return _shown("Delta <= I - H", w * (d - b) - w * (Delta + h), (), zero=zero)


def no_shared_label() -> list[str]:
    """c = 0 where ``other``, the mass that the other interpretations put on the label, is 0.

    The cell of c is ``w log((w + other)/w)``, at most ``other`` because log(1 + t) <= t.
    """
    atoms = {"log(1 + t) <= t": other - cell}
    zero = {"labels of their own": (other, _ONE)}
    return _shown("c <= 0", -cell, ("log(1 + t) <= t",), zero=zero, atoms=atoms)


def fano() -> list[str]:
    """``c <= (1 - eps) right + eps wrong``, with right = log 1/(1 - eps), wrong = log (k - 1)/eps.

    Let zhat(y) be the decoded interpretation, e = 1 where it differs from z and 0 elsewhere, so
    that w e sums to eps. Let Q(.|y) give zhat(y) the weight 1 - eps and each of the k - 1 others
    eps/(k - 1); its log-loss at a pair is (1 - e) right + e wrong. With r = P(y|x) Q(z|y), whose
    sum is that of w, the cell of the divergence of P(.|x,y) from Q(.|y) is >= 0
    (:mod:`proofs_checks.mixtures`).
    """
    loss = (1 - e) * right + e * wrong
    atoms = {"divergence from Q": w * (loss - c) - w + r}
    zero = {
        "P(.|x,y) and Q(.|y) sum to 1": (r - w, _ONE),
        "w e sums to eps": (w * (e - eps), wrong - right),
    }
    goal = w * ((1 - eps) * right + eps * wrong) - w * c
    return _shown("Fano", goal, ("divergence from Q",), zero=zero, atoms=atoms)


def equality_in_fano() -> list[str]:
    """``c >= (1 - eps) right + eps wrong`` too, where P(.|x,y) is Q(.|y): c = the log-loss."""
    loss = (1 - e) * right + e * wrong
    zero = {
        "P(.|x,y) = Q(.|y)": (w * (c - loss), -_ONE),
        "w e sums to eps": (w * (e - eps), right - wrong),
    }
    goal = w * c - w * ((1 - eps) * right + eps * wrong)
    return _shown("equality in Fano", goal, (), zero=zero)


def fano_speaks() -> list[str]:
    """k = 3, eps = 1/100: ``h(eps) + eps log 2 < log 3``."""
    small = Fraction(1, 100)

    def below() -> bool:
        h_eps = entropy(balls.balls([small, 1 - small]))
        return greater(balls.log(3), h_eps + balls.ball(small) * balls.log(2))

    return [] if decide(below) is Truth.TRUE else ["the bound is not below log 3"]
