r"""Label smoothing, ``q' = alpha q + (1 - alpha) u``: certificates for any number of labels.

One law u and one alpha serve x and every perturbed input. Write beta = 1 - alpha.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from proofs_checks.checker import Polynomial, SummedCertificate, SummedStatement, check
from proofs_checks.mixtures import equal

_names = "alpha at_1 p q u f g top s S D H L lam cell n_inv"
alpha, at_1, p, q, u, f, g, top, s, S, D, H, L, lam, cell, n_inv = (
    Polynomial.variable(name) for name in _names.split()
)
beta = 1 - alpha
_ONE = Fraction(1)
_GLOBAL = frozenset(["alpha", "at_1", "top", "s", "S", "D", "H", "L", "lam", "n_inv"])


def shown(
    claim: str,
    goal: Polynomial,
    atoms: Mapping[str, Polynomial],
    products: tuple[tuple[str, ...], ...],
    zero: Mapping[str, tuple[Polynomial, Polynomial]] | None = None,
) -> list[str]:
    """``sum goal >= 0`` as a plain sum of products of atoms, with the zero sums that are needed."""
    zero = zero or {}
    statement = SummedStatement(
        claim, _GLOBAL, goal, atoms, {name: z for name, (z, _) in zero.items()}, {}
    )
    certificate = SummedCertificate(
        claim,
        tuple((_ONE, names) for names in products),
        {name: m for name, (_, m) in zero.items()},
        {},
    )
    return check(statement, certificate)


def contracts_every_f_divergence() -> list[str]:
    """``sum q' f(p'/q') <= alpha sum q f(p/q)``, f convex with f(1) = 0.

    ``p'/q'`` is the mean of p/q and 1 with the weights alpha q/q' and beta u/q', which sum to 1 as
    q' = alpha q + beta u. Convexity, times q', bounds the cell F' = q' f(p'/q') by alpha q f(p/q) +
    beta u f(1). Where q = 0 < p, the cell F is p times the slope of f at infinity, and the same
    bound holds, f rising by at most that slope.
    """
    goal = alpha * f - g
    atoms = {"f is convex": alpha * f + beta * u * at_1 - g}
    zero = {"f(1) = 0, and u sums to 1": (u * at_1, beta)}
    return shown("D' <= alpha D", goal, atoms, (("f is convex",),), zero)


def total_variation_is_scaled() -> list[str]:
    """``p' - q' = alpha (p - q)``: TV shrinks by alpha exactly, so no factor below alpha serves
    every f-divergence."""
    return equal("p' - q'", (alpha * p + beta * u) - (alpha * q + beta * u), alpha * (p - q))


def differences_are_scaled() -> list[str]:
    """With m = (p + q)/2: ``m' = alpha m + beta u`` and ``p' - m' = alpha (p - m)``."""
    half = Fraction(1, 2)
    mean = half * (p + q)
    mixed = half * ((alpha * p + beta * u) + (alpha * q + beta * u))
    return [
        *equal("m'", mixed, alpha * mean + beta * u),
        *equal("p' - m'", (alpha * p + beta * u) - mixed, alpha * (p - mean)),
    ]


def order_is_kept() -> list[str]:
    """``q'_i - q'_j = alpha (q_i - q_j)`` under the uniform law, whose share is ``n_inv``."""
    first, second = alpha * p + beta * n_inv, alpha * q + beta * n_inv
    return equal("q'_i - q'_j", first - second, alpha * (p - q))


def gibbs_risk_is_a_mean() -> list[str]:
    """``R' = alpha R + beta (1 - 1/n)`` for the 0-1 loss, with q the output and p the truth.

    Over labels, ``R = sum p (1 - q)`` and R' likewise; sum p = 1.
    """
    after = p * (1 - alpha * q - beta * n_inv)
    before = p * (1 - q)
    return equal("R'", after, alpha * before + beta * (1 - n_inv) * p)


def self_risk_rises() -> list[str]:
    """``e' - e = beta (max q - 1/n)``, and ``n max q - 1 = sum (max q - q) >= 0``.

    The argmax is kept, so e' = 1 - alpha max q - beta/n. Unless q is uniform some max q - q is > 0.
    """
    before, after = 1 - top, 1 - (alpha * top + beta * n_inv)
    return [
        *equal("e' - e", after - before, beta * (top - n_inv)),
        *shown("max q >= 1/n", top - q, {"q <= max q": top - q}, (("q <= max q",),)),
    ]


def entropy_is_concave() -> list[str]:
    """``H(q') >= alpha H(q) + beta H(u)``.

    The difference is ``alpha KL(q, q') + beta KL(u, q')``: with cells ``KL(q, q') = sum (q log
    (q/q') - q + q')`` that are >= 0 (:mod:`proofs_checks.mixtures`), the rest vanishes by label.
    """
    mixed = alpha * q + beta * u
    leftover = alpha * (mixed - q) + beta * (mixed - u)
    # q log q' and u log q' add up to q' log q'
    return [
        *equal("the linear rest", leftover, Polynomial()),
        *equal("the logarithms", alpha * q * cell + beta * u * cell, mixed * cell),
    ]


def gaming_bound() -> list[str]:
    """``S' - lam H' <= alpha (S - lam H) - beta lam L``.

    L = log n. S' <= alpha S and H' >= alpha H + beta L enter through what S' and H' lack: f = alpha
    S - S' and g = H' - alpha H - beta L.
    """
    after = (alpha * S - f) - lam * (g + alpha * H + beta * L)
    goal = alpha * (S - lam * H) - beta * lam * L - after
    atoms = {"S' <= alpha S": f, "lambda": lam, "H is concave": g}
    return shown("SUA'", goal, atoms, (("S' <= alpha S",), ("lambda", "H is concave")))


def gaming_threshold() -> list[str]:
    """``alpha (S - lam H) - beta lam L <= 0`` where S <= D and alpha (D + lam L) <= lam L."""
    goal = beta * lam * L - alpha * (S - lam * H)
    atoms = {
        "alpha": alpha, "lambda": lam, "H": H, "S <= D_max": D - S,
        "alpha is small": lam * L - alpha * (D + lam * L),
    }  # fmt: skip
    products = (("alpha is small",), ("alpha", "S <= D_max"), ("alpha", "lambda", "H"))
    return shown("SUA' <= 0", goal, atoms, products)


def smoothed_kl_is_bounded() -> list[str]:
    """``KL(p', q') <= n alpha^2/(1 - alpha)``, uniform u, c = beta/n: finite even where KL is not.

    For each s the cell is ``alpha^2 (p - q)^2/w`` with w >= c, at most ``alpha^2 (p - q)^2 / c``,
    and ``sum (p - q)^2 <= sum (p + q) = 2``; the weight 1 - s integrates to 1/2.
    """
    atoms = {"p": p, "q": q, "1 - p": 1 - p, "1 - q": 1 - q}
    products = (("p", "1 - p"), ("q", "1 - q"), ("p", "q"), ("p", "q"))
    weight = alpha * q + beta * n_inv + s * alpha * (p - q)
    grows = {"alpha": alpha, "s": s, "1 - s": 1 - s, "p": p, "q": q}
    return [
        *shown("sum (p - q)^2 <= 2", p + q - (p - q) * (p - q), atoms, products),
        *shown(
            "w >= c",
            weight - beta * n_inv,
            grows,
            (("alpha", "s", "p"), ("alpha", "1 - s", "q")),
        ),
    ]


def kl_threshold() -> list[str]:
    """``n alpha^2 - lam (1 - alpha)^2 L <= 0`` gives ``S' - lam H' <= 0``, times 1 - alpha.

    S' enters by ``(1 - alpha) S' + f = n alpha^2``, H' as g + alpha H + (1 - alpha) L.
    """
    n = D
    goal = beta * lam * (g + alpha * H + beta * L) - (n * alpha * alpha - f)
    atoms = {
        "1 - alpha": beta, "lambda": lam, "alpha": alpha, "H": H, "H is concave": g,
        "S' is bounded": f, "alpha is small": lam * beta * beta * L - n * alpha * alpha,
    }  # fmt: skip
    products = (
        ("alpha is small",),
        ("S' is bounded",),
        ("1 - alpha", "lambda", "H is concave"),
        ("1 - alpha", "lambda", "alpha", "H"),
    )
    return shown("SUA' <= 0 under KL", goal, atoms, products)


def gaming_bound_is_attained() -> list[str]:
    """S = S' = 0 and H = H' = L: ``-lam L = alpha (-lam L) - beta lam L``."""
    return equal("equality", -lam * L, alpha * (-lam * L) - beta * lam * L)
