"""Elementary functions of the Triton kernels, as polynomials with derived errors.

They use ``+ - * /`` and bit shifts alone, so that the interpreter on a CPU and a GPU compute the
same thing to within contracted products. u is the unit roundoff (2^-24 or 2^-53); truncation errors
are those of a Taylor polynomial on the range stated, bounded by the first term left out (twice that
where all terms have one sign). In single precision the last terms are then *shortened*: on
|x| <= h a term c x^n is replaced by one of lower degree that is within |c| h^n 2^(1-n) of it
(Chebyshev). ``/`` may be off by 2 ulps, 4u (``div.full`` in single precision).

* :func:`exp`: x = n log 2 + r with |r| <= 0.35; n log 2 is taken off in two parts, of which the
  first product is exact, so r is within u |r| + 2^-40 |n| u. In single precision e^r is
  2^(r / log 2) by the processor's own instruction, ``ex2.approx``, whose error CUDA gives as 2 ulps
  of results in [0.7, 1.42], 4u; its argument, at most 1/2, is off by 2u of itself, which costs
  0.7u, and r by 0.4u: **5.2u**. In double precision a polynomial's terms after 1 sum to at most
  0.42, so that Horner's roundings add 1.5u: within 2.1u + truncation 0.2u, **3u**. Exactly 1 at 0;
  0, or flushed, below the smallest normal number.
* :func:`excess`: e^z - 1 - z = z^2 P(z) for |z| <= 1; P within 2.5u of itself (its terms fall by a
  factor of 3 or more), the two products 2u, truncation 0.2u: **5u**. e^z - 1 is z plus that:
  at z = -1 it loses a factor of 1.6, **8u**, and less nearer 0.
* :func:`log1p`: 1 + x = 2^k (1 + f), and log(1 + f) = 2 atanh(f / (2 + f)). The quotient 6u, the
  series 2u, what rounding 1 + x lost put back. For x >= 0 the parts have one sign or the larger is
  at least twice the other (k = 1, f < 0): **12u**; between -0.64 and 0 **24u**.
* :func:`log_quotient`: log(a / b) by log1p((a - b) / b), a the larger: relative to itself
  12u + 6u + the roundings of a and b; 0 exactly where a = b.
* :func:`log1p_less`: s - log(1 + s) for |s| <= 2^-10: s^2 (1/2 - s/3 + s^2/4 - s^3/5), **4u** and
  truncation 2^-40 in double precision, where it is added to something at least as large.
* :func:`jensen`: J(u) = u tanh u - log cosh u = u^2 S(u^2) for |u| <= 1/2; successive terms fall by
  a factor of 10 and alternate: **4u** with the products.

What else the kernels need of tanh and logarithms is a difference of these.
"""

from __future__ import annotations

import math
from fractions import Fraction

import triton
import triton.language as tl


def _tangent(n: int) -> list[Fraction]:
    """Coefficients of u, u^3, ... in tanh u: the solution of t' = 1 - t^2."""
    t: list[Fraction] = []
    for k in range(n):
        square = sum((t[i] * t[k - 1 - i] for i in range(k)), Fraction(0))
        t.append(((1 if k == 0 else 0) - square) / (2 * k + 1))
    return t


def _shortened(series: list[Fraction], reach: Fraction, terms: int) -> tuple[float, ...]:
    """The polynomial on |x| <= reach with ``terms`` coefficients, each last one folded away."""
    c = list(series)
    while len(c) > terms:
        n, last = len(c) - 1, c.pop()
        # x^n less the Chebyshev polynomial T_n(x / reach) reach^n 2^(1-n), by its explicit sum.
        for k in range(1, n // 2 + 1):
            share = Fraction((-1) ** k * n * math.factorial(n - k - 1), 4**k)
            share /= math.factorial(k) * math.factorial(n - 2 * k)
            c[n - 2 * k] -= last * share * reach ** (2 * k)
    return tuple(map(float, c))


# By working precision, float32 and float64.
_EXP_64 = tl.constexpr(tuple(1 / math.factorial(k) for k in range(14)))
_EXCESS = [Fraction(1, math.factorial(k + 2)) for k in range(12)]
_EXCESS_32 = tl.constexpr(_shortened(_EXCESS, Fraction(1), 8))
_EXCESS_64 = tl.constexpr(tuple(1 / math.factorial(k + 2) for k in range(18)))
_ATANH_32 = tl.constexpr(tuple(2 / (2 * k + 1) for k in range(5)))
_ATANH_64 = tl.constexpr(tuple(2 / (2 * k + 1) for k in range(11)))
# u tanh u - log cosh u has the coefficients of u tanh u times 1 - 1/(2n).
_JENSEN = [c * (1 - Fraction(1, 2 * k + 2)) for k, c in enumerate(_tangent(18))]
_IN_U = [c for pair in zip(_JENSEN[:10], [Fraction(0)] * 10, strict=True) for c in pair][:-1]
_JENSEN_32 = tl.constexpr(_shortened(_IN_U, Fraction(1, 2), 9)[::2])
_JENSEN_64 = tl.constexpr(tuple(map(float, _JENSEN)))
_LOG2E = tl.constexpr(1 / math.log(2))
LOG_2 = tl.constexpr(math.log(2))
# log 2 in two parts, the first of 15 (32) bits: its product with n is exact.
_TOP_32 = tl.constexpr(float.fromhex("0x1.62e4p-1"))
_LOW_32 = tl.constexpr(float.fromhex("0x1.7f7d1cf79abcap-20"))
_TOP_64 = tl.constexpr(float.fromhex("0x1.62e42feep-1"))
_LOW_64 = tl.constexpr(float.fromhex("0x1.a39ef35793c76p-33"))
# 1.5 times 2^23 (2^52): added to a number it rounds that to an integer, held in the last bits.
_ROUND_32 = tl.constexpr(12582912.0)
_ROUND_64 = tl.constexpr(6755399441055744.0)


@triton.jit
def _horner(x, coefficients: tl.constexpr, terms: tl.constexpr):
    total = x * coefficients[terms - 1] + coefficients[terms - 2]
    for k in tl.static_range(terms - 2):
        total = total * x + coefficients[terms - 3 - k]
    return total


@triton.jit
def exp(x):
    """``e^x`` for x <= 80, not NaN; 0 below the smallest normal number."""
    if x.dtype == tl.float64:
        kept = tl.maximum(x, -708.0)
        shifted = kept * _LOG2E + _ROUND_64
        n = shifted - _ROUND_64
        r = (kept - n * _TOP_64) - n * _LOW_64
        scale = (shifted.to(tl.int64, bitcast=True) << 52) + 0x3FF0000000000000
        return tl.where(x < -708.0, 0.0, _horner(r, _EXP_64, 14) * scale.to(x.dtype, bitcast=True))
    else:
        # Least n: -127, whose scale has the bits of 0.
        kept = tl.maximum(x, -88.03)
        shifted = kept * _LOG2E + _ROUND_32
        n = shifted - _ROUND_32
        r = (kept - n * _TOP_32) - n * _LOW_32
        scale = (shifted.to(tl.int32, bitcast=True) << 23) + 0x3F800000
        return tl.exp2(r * _LOG2E) * scale.to(x.dtype, bitcast=True)


@triton.jit
def excess(z):
    """``e^z - 1 - z`` for |z| <= 1."""
    if z.dtype == tl.float64:
        return z * z * _horner(z, _EXCESS_64, 18)
    else:
        return z * z * _horner(z, _EXCESS_32, 8)


@triton.jit
def _twice_atanh(s):
    """``2 atanh s`` for |s| <= 0.172."""
    if s.dtype == tl.float64:
        return s * _horner(s * s, _ATANH_64, 11)
    else:
        return s * _horner(s * s, _ATANH_32, 5)


@triton.jit
def log1p_share(x):
    """``log(1 + x)`` for 0 <= x <= 0.4, where 1 + x needs no reduction."""
    return _twice_atanh(x / (2 + x))


@triton.jit
def log1p(x):
    """``log(1 + x)`` for x > -0.7."""
    y = 1 + x
    # Knuth's two-sum: what rounding y lost.
    back = y - x
    lost = (1 - back) + (x - (y - back))
    # y = 2^k m with m between sqrt(1/2) and sqrt 2, from the bits of y.
    if x.dtype == tl.float64:
        bits = y.to(tl.int64, bitcast=True)
        k = ((bits + (0x3FF0000000000000 - 0x3FE6A09E667F3BCD)) >> 52) - 1023
        m = (bits - (k << 52)).to(x.dtype, bitcast=True)
        inverse = ((1023 - k) << 52).to(x.dtype, bitcast=True)
    else:
        bits = y.to(tl.int32, bitcast=True)
        k = ((bits + (0x3F800000 - 0x3F3504F3)) >> 23) - 127
        m = (bits - (k << 23)).to(x.dtype, bitcast=True)
        inverse = ((127 - k) << 23).to(x.dtype, bitcast=True)
    top: tl.constexpr = _TOP_64 if x.dtype == tl.float64 else _TOP_32
    low: tl.constexpr = _LOW_64 if x.dtype == tl.float64 else _LOW_32
    f = (m - 1) + lost * inverse
    n = k.to(x.dtype)
    return n * top + (_twice_atanh(f / (2 + f)) + n * low)


@triton.jit
def log_quotient(a, b):
    """``log(a / b)`` for positive a and b; exactly 0 where they are equal."""
    low = tl.minimum(a, b)
    size = log1p((tl.maximum(a, b) - low) / low)
    return tl.where(a < b, -size, size)


@triton.jit
def log1p_less(s):
    """``s - log(1 + s)`` for |s| <= 2^-10."""
    return s * s * (0.5 - s * (1 / 3 - s * (0.25 - s * 0.2)))


@triton.jit
def jensen(u):
    """``u tanh u - log cosh u`` for |u| <= 1/2."""
    w = u * u
    if u.dtype == tl.float64:
        return w * _horner(w, _JENSEN_64, 18)
    else:
        return w * _horner(w, _JENSEN_32, 5)
