r"""The divergences as mixtures of rational ones: how certificates without a logarithm reach KL.

For p, q >= 0 write ``w_s = q + s (p - q)``. The cell of KL is a mean of rational cells:

    p log(p/q) - p + q  =  int_0^1 (1 - s) (p - q)^2 / w_s ds,

because ``G(s) = p log w_s - s (p - q)`` has the derivative ``(p - q)(p - w_s)/w_s``, which is the
integrand, and G(1) - G(0) is the left side. Where q = 0 < p both sides are infinite, where p = 0
both are q. The weight 1 - s integrates to 1/2. For squared Hellinger

    (sqrt p - sqrt q)^2 / 2  =  int_0^1 s (1 - s) (p - q)^2 / w_s  ds / (pi sqrt(s (1 - s))),

because ``s (1 - s)(p - q)^2 = (w - q)(p - w)``, so that the integrand is ``p + q - w - pq/w``, and
under the arcsine law of s the mean of w is (p + q)/2 and that of 1/w is 1/sqrt(pq): with s = sin^2
x and T = tan x, ``arctan(T sqrt(p/q))/sqrt(pq)`` has the derivative ``(1 + T^2)/(q + p T^2)``, 1/w.

The polynomial identities are what the checker re-expands (:func:`integral_form`); the rest is the
fundamental theorem of calculus and the derivatives of log and arctan.

So an inequality between the sums ``sum (p - q)^2 / w_s`` that is certified for all weights w_s
holds for every *mixture divergence*

    D(p, q) = int_0^1 sum (p - q)^2 / (q + s (p - q)) nu(ds),     nu >= 0:

KL (nu = (1 - s) ds), KL reversed (s ds), chi-squared in either order (a unit mass at s = 0, or at
s = 1), squared Hellinger, their sums, and through ``JSD = (KL(p, m) + KL(q, m))/2`` with m = (p +
q)/2 JSD as well. In particular every cell is >= 0: ``u log u >= u - 1``.
"""

from __future__ import annotations

from proofs_checks.checker import Polynomial, SummedCertificate, SummedStatement, check

_p, _q, _s, _T = (Polynomial.variable(name) for name in "pqsT")


def equal(claim: str, left: Polynomial, right: Polynomial) -> list[str]:
    """Faults of a polynomial identity: each side is shown to be at least the other."""
    faults = []
    for goal in (left - right, right - left):
        statement = SummedStatement(claim, frozenset(), goal, {}, {}, {})
        faults += check(statement, SummedCertificate(claim, (), {}, {}))
    return [f"{claim}: {fault}" for fault in faults]


def integral_form() -> list[str]:
    """The identities behind the two integrals, and behind the integral of 1 - s."""
    gap = _p - _q
    w = _q + _s * gap
    sides = _s * (1 - _s) * gap * gap
    # 1/w at s = T^2/(1 + T^2), times q + p T^2
    at_tangent = _q * (1 + _T * _T) + _T * _T * gap
    return [
        *equal("w G'(s)", _p * gap - gap * w, (1 - _s) * gap * gap),
        *equal("the derivative of s - s^2/2", 2 * (1 - _s), 2 - 2 * _s),
        *equal("(w - q)(p - w)", (w - _q) * (_p - w), sides),
        *equal("divided by w", w * (_p + _q - w) - _p * _q, sides),
        *equal("(1 + T^2) w", at_tangent, _q + _p * _T * _T),
    ]
