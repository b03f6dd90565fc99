r"""How certificates without a logarithm reach the divergences that have one.

For p, q >= 0 write ``w_s = q + s (p - q)``. The cell of KL is a mean of rational cells:

    p log(p/q) - p + q  =  int_0^1 (1 - s) (p - q)^2 / w_s ds,

because ``G(s) = p log w_s - s (p - q)`` has the derivative ``(p - q)(p - w_s)/w_s``, which is the
integrand, and G(1) - G(0) is the left side. The polynomial identity behind it is what the checker
re-expands (:func:`integral_form`); the rest is the fundamental theorem of calculus. Where q = 0 < p
both sides are infinite, where p = 0 both are q. The weight 1 - s integrates to 1/2.

So an inequality between the sums ``sum (p - q)^2 / w_s`` that is certified for all weights w_s
holds for every *mixture divergence*

    D(p, q) = int_0^1 sum (p - q)^2 / (q + s (p - q)) nu(ds),     nu >= 0:

KL (nu = (1 - s) ds), KL reversed (s ds), chi-squared in either order (a unit mass at s = 0, or at
s = 1), their sums, and through ``JSD = (KL(p, m) + KL(q, m))/2`` with m = (p + q)/2 JSD as well.
In particular every cell is >= 0: ``u log u >= u - 1``.
"""

from __future__ import annotations

from proofs_checks.checker import Polynomial, SummedCertificate, SummedStatement, check

_p, _q, _s = (Polynomial.variable(name) for name in "pqs")


def equal(claim: str, left: Polynomial, right: Polynomial) -> list[str]:
    """Faults of a polynomial identity: each side is shown to be at least the other."""
    faults = []
    for goal in (left - right, right - left):
        statement = SummedStatement(claim, frozenset(), goal, {}, {}, {})
        faults += check(statement, SummedCertificate(claim, (), {}, {}))
    return [f"{claim}: {fault}" for fault in faults]


def integral_form() -> list[str]:
    """``w G'(s) = (1 - s) (p - q)^2``, with G as above and ``G' = p (p - q)/w - (p - q)``."""
    gap = _p - _q
    w = _q + _s * gap
    faults = equal("the derivative of G", _p * gap - gap * w, (1 - _s) * gap * gap)
    return faults + equal("the derivative of s - s^2/2", 2 * (1 - _s), 2 - 2 * _s)
