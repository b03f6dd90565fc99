r"""How mixing with a fixed law contracts the mixture divergences: certificates for any labels.

Mixing is ``q -> alpha q + c``, with c_y = (1 - alpha) u_y. It takes ``sum d^2/w`` to ``alpha^2
sum d^2/(alpha w + c)``. Let theta satisfy, for the labels in question and with A = alpha W + c_1,
B = alpha v + c_y, v + W = 1,

    (pair)   theta A B >= v W (A + B)    for any two labels 1, y and any v in [0, 1].

Claim: ``sum d^2/(alpha w + c) <= theta sum d^2/w`` whenever w >= 0, sum w = 1 and sum d = 0.

Proof. The difference is ``sum k_y d_y^2`` with ``w (alpha w + c) k = theta c - beta w``, beta = 1 -
alpha theta. If no k is negative, there is nothing to do. Let k_1 < 0, W = w_1 and v = 1 - W; every
other label has w_y <= v, and (pair) says ``k_y(v) >= -k_1 = kappa`` for the value k_y(v) of k_y at
w_y = v (:func:`pair_in_terms_of_k`). Since w k_y(w) falls as w grows, ``k_y >= v k_y(v) / w_y``, so
the others give at least ``v kappa sum d^2/w >= kappa (sum d)^2 = kappa d_1^2`` (Cauchy and
Schwarz), which is what label 1 takes away. The last sentence is one summed certificate
(:func:`others_pay_for_label_1`): divisions are removed by writing ``d = w (alpha w + c)(alpha v +
c) e``, and the square of the Cauchy-Schwarz step stands in it.

For the two least values a <= b of c, with ``s^2 = a (alpha + b)`` and ``t^2 = b (alpha + a)``,

    theta = (alpha + a + b) / (alpha^2 + (s + t)^2)

satisfies (pair): for the labels that have a and b, because the difference is the square of ``W t -
v s``; for all others, because (pair) persists when A or B grows. Where W t = v s the sides are
equal.
"""

from __future__ import annotations

from fractions import Fraction

from proofs_checks.checker import Polynomial, SummedCertificate, SummedStatement, check
from proofs_checks.mixtures import equal

_names = "alpha theta kappa v D w c e s t a b W A B x y"
alpha, theta, kappa, v, D, w, c, e, s, t, a, b, W, A, B, x, y = (
    Polynomial.variable(name) for name in _names.split()
)
_ONE = Fraction(1)


def _others() -> tuple[SummedStatement, SummedCertificate]:
    here, at_v = alpha * w + c, alpha * v + c
    beta = 1 - alpha * theta
    scaled = here * at_v * e  # d = w * scaled
    claim = "the other labels pay for label 1"
    statement = SummedStatement(
        claim=claim,
        global_variables=frozenset({"alpha", "theta", "kappa", "v", "D"}),
        # v (sum k d^2 - kappa D^2), the last term spread over the labels by sum w = v
        goal=v * w * here * at_v * at_v * e * e * (theta * c - beta * w) - kappa * D * D * w,
        atoms={
            "w": w,
            "c": c,
            "v": v,
            "kappa": kappa,
            "w <= v": v - w,
            "alpha w + c": here,
            "alpha v + c": at_v,
            "k(v) >= kappa": theta * c - beta * v - kappa * v * at_v,
            "e^2": e * e,
            "Cauchy-Schwarz": (v * scaled - D) * (v * scaled - D),
        },
        zero_sums={"sum d = D and sum w = v": v * w * scaled - D * w},
        nonnegative_sums={},
    )
    common = ("v", "w", "alpha w + c", "alpha v + c", "e^2")
    certificate = SummedCertificate(
        claim=claim,
        products=(
            (_ONE, (*common, "alpha w + c", "k(v) >= kappa")),
            (_ONE, (*common, "c", "w <= v")),
            (_ONE, ("kappa", "w", "Cauchy-Schwarz")),
        ),
        zero_multipliers={"sum d = D and sum w = v": -2 * kappa * D},
        nonnegative_multipliers={},
    )
    return statement, certificate


OTHERS, OTHERS_CERTIFICATE = _others()


def others_pay_for_label_1() -> list[str]:
    """The summed certificate of the proof."""
    return check(OTHERS, OTHERS_CERTIFICATE)


def difference_in_terms_of_k() -> list[str]:
    """``theta/w - 1/(alpha w + c)``, times ``w (alpha w + c)``, is ``theta c - beta w``."""
    here = alpha * w + c
    return equal("k", theta * here - w, theta * c - (1 - alpha * theta) * w)


def pair_in_terms_of_k() -> list[str]:
    """(pair) is ``W A v B (k_1(W) + k_y(v)) >= 0`` with A, B as above and W = 1 - v."""
    big = 1 - v
    left, right = alpha * big + a, alpha * v + b
    beta = 1 - alpha * theta
    sums = (theta * a - beta * big) * v * right + (theta * b - beta * v) * big * left
    return equal("pair", sums, theta * left * right - v * big * (left + right))


def pair_for_the_two_least() -> list[str]:
    """(pair) times ``alpha^2 + (s + t)^2`` is ``(A + B) (W t - v s)^2`` for the labels with a, b.

    The relations that define s and t enter as sums over one label that vanish.
    """
    big = 1 - v
    left, right = alpha * big + a, alpha * v + b
    size = alpha * alpha + (s + t) * (s + t)
    claim = "the two least"
    relations = {"s": s * s - a * (alpha + b), "t": t * t - b * (alpha + a)}
    difference = left * right - size * v * big - (big * t - v * s) * (big * t - v * s)
    everything = frozenset(["alpha", "theta", "v", "s", "t", "a", "b"])
    multipliers = {"s": v * 1, "t": big * 1}
    faults = []
    for sign in (1, -1):
        statement = SummedStatement(claim, everything, sign * difference, {}, relations, {})
        signed = {name: sign * m for name, m in multipliers.items()}
        faults += check(statement, SummedCertificate(claim, (), signed, {}))
    return faults + equal("A + B", left + right, alpha + a + b)


def pair_persists() -> list[str]:
    """``A B (theta A' B' - v W (A' + B')) >= 0`` for A' = A + x, B' = B + y, x, y >= 0."""
    claim = "pair persists"
    more_a, more_b = A + x, B + y
    statement = SummedStatement(
        claim=claim,
        global_variables=frozenset(["theta", "A", "B", "x", "y", "v", "W"]),
        goal=A * B * (theta * more_a * more_b - v * W * (more_a + more_b)),
        atoms={
            "A": A, "B": B, "A'": more_a, "B'": more_b, "x": x, "y": y, "v": v, "W": W,
            "pair": theta * A * B - v * W * (A + B),
        },
        zero_sums={},
        nonnegative_sums={},
    )  # fmt: skip
    products = (
        (_ONE, ("pair", "A'", "B'")),
        (_ONE, ("v", "W", "A", "A'", "y")),
        (_ONE, ("v", "W", "B", "B'", "x")),
    )
    return check(statement, SummedCertificate(claim, products, {}, {}))


def contraction() -> list[str]:
    """Every step of the proof above, the closed form of theta included."""
    return [
        *difference_in_terms_of_k(),
        *pair_in_terms_of_k(),
        *others_pay_for_label_1(),
        *pair_for_the_two_least(),
        *pair_persists(),
    ]


def equal_least_values() -> list[str]:
    """With a = b, hence s = t: ``theta = 1/(alpha + 2 a)``."""
    size = alpha * alpha + 4 * a * (alpha + a)
    return equal("equal least values", (alpha + 2 * a) * (alpha + 2 * a), size)


def approached_at_equal_least_values() -> list[str]:
    """p = (1/2 + t, 1/2 - t, 0, ...) and q its swap, on two labels with c = a: every mixture
    divergence shrinks by at least ``(1 - 4 t^2) alpha^2 theta``, for all t in (0, 1/2).

    For each s the weights are 1/2 + x and 1/2 - x with |x| <= t, and d^2 is common. After mixing,
    ``1/(A + alpha x) + 1/(A - alpha x) = 2 A/(A^2 - alpha^2 x^2) >= 2/A``, A = alpha/2 + a; before,
    ``1/(1/2 + x) + 1/(1/2 - x) = 1/(1/4 - x^2) <= 4/(1 - 4 t^2)``. And alpha^2 (2/A)/4 = alpha^2
    theta.
    """
    half, quarter = Fraction(1, 2), Fraction(1, 4)
    here = half * alpha + a
    step = alpha * x
    return [
        *equal("after", (here + step) * (here - step) + step * step, here * here),
        *equal("before", (half + x) * (half - x), quarter - x * x),
        *_square_grows(),
        *equal("theta", 2 * here, alpha + 2 * a),
    ]


def _square_grows() -> list[str]:
    """``(1/4 - x^2) - (1/4 - t^2) = (t - x)(t + x) >= 0``."""
    claim = "|x| <= t"
    statement = SummedStatement(
        claim, frozenset("xt"), t * t - x * x, {"t - x": t - x, "t + x": t + x}, {}, {}
    )
    return check(statement, SummedCertificate(claim, ((_ONE, ("t - x", "t + x")),), {}, {}))


def square_at_two_labels() -> list[str]:
    """Two labels, u uniform: ``alpha + 2 a = 1``, so the factor is alpha^2."""
    return equal("two labels", alpha + 2 * (Fraction(1, 2) * (1 - alpha)), Polynomial.constant(1))


def square_is_less_from_three_labels() -> list[str]:
    """``n alpha^2/(n alpha + 2 (1 - alpha)) - alpha^2`` has the sign of ``(n - 2)(1 - alpha)``."""
    n = Polynomial.variable("n")
    excess = n - (n * alpha + 2 * (1 - alpha))
    return equal("eta - alpha^2", excess, (n - 2) * (1 - alpha))
