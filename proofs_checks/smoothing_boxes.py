"""Label smoothing by branch and bound: JSD shrinks by the factor of n_6, on compact regions.

A second, independent route to n_6 away from p = q, where both sides vanish.
"""

from __future__ import annotations

from fractions import Fraction

from proofs_checks.checker import BoxCertificate, BoxStatement, Expression, check_boxes

_ALPHA = Expression("variable", ("alpha",))
_EIGHTH, _QUARTER = Fraction(1, 8), Fraction(1, 4)


def _xlogx(u: Expression) -> Expression:
    return Expression("xlogx", (u,))


def jsd(p: list[Expression], q: list[Expression]) -> Expression:
    """``sum (p log p + q log q)/2 - m log m``, m = (p + q)/2, over the labels."""
    half = Fraction(1, 2)
    cells = [
        half * (_xlogx(a) + _xlogx(b)) - _xlogx(half * (a + b)) for a, b in zip(p, q, strict=True)
    ]
    return sum(cells[1:], cells[0])


def _variables(names: str) -> list[Expression]:
    return [Expression("variable", (name,)) for name in names.split()]


def two_labels() -> list[str]:
    """Two labels, where the factor is alpha^2."""
    p, q = _variables("p q")
    rows = [[p, 1 - p], [q, 1 - q]]
    half = Fraction(1, 2)
    after = [[_ALPHA * x + half * (1 - _ALPHA) for x in row] for row in rows]
    claim = "n_6, JSD, two labels"
    inside = (Fraction(1, 16), Fraction(15, 16))
    statement = BoxStatement(
        claim=claim,
        goal=_ALPHA * _ALPHA * jsd(*rows) - jsd(*after),
        region={"p": inside, "q": inside, "alpha": (_QUARTER, Fraction(3, 4))},
        outside=(half - (p - q),),
    )
    return check_boxes(statement, BoxCertificate(claim, "steepest", 100_000))


def three_labels() -> list[str]:
    """Three labels at alpha = 1/2, where the factor is 3/10."""
    p, r, q, s = _variables("p r q s")
    rows = [[p, r, 1 - p - r], [q, s, 1 - q - s]]
    half = Fraction(1, 2)
    after = [[half * x + Fraction(1, 6) for x in row] for row in rows]
    claim = "n_6, JSD, three labels"
    inside = (_EIGHTH, half)
    statement = BoxStatement(
        claim=claim,
        goal=Fraction(3, 10) * jsd(*rows) - jsd(*after),
        region={"p": inside, "r": inside, "q": inside, "s": inside},
        outside=(
            _QUARTER - (p - q),
            _EIGHTH - (1 - p - r),
            _EIGHTH - (1 - q - s),
        ),
    )
    return check_boxes(statement, BoxCertificate(claim, "steepest", 100_000))
