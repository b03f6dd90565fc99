"""Elementary functions in single precision that LLVM turns into vector code.

No library call, no branch, no table. Polynomials were fitted to the least largest relative error;
beside each stands that error. ``tests/test_numba_math.py`` derives what rounding adds and holds
each function to the sum on a dense grid. ``nnan`` and ``ninf`` are never asserted, so that
infinities keep their meaning; ``contract`` and ``nsz`` are harmless, and ``reassoc`` is kept out of
here, because the rounding by a magic constant must not be simplified away.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from sua_gpu.numba_cache import kernel

EXACT = {"contract", "nsz"}
_WORD, _FLOAT = ir.IntType(32), ir.FloatType()
_BYTES = ir.IntType(8).as_pointer()

ZERO: Any = np.float32(0.0)
HALF, ONE, TWO = np.float32(0.5), np.float32(1.0), np.float32(2.0)
LOWEST = np.float32(-87.0)
"""Below it the exponential is taken to be 0 (it is subnormal from -87.3 on)."""
_LOG2_E, _LN_2 = np.float32(1.4426950408889634), np.float32(0.6931471805599453)
# ln 2 in two parts, the first of which times any exponent is exact (Cody and Waite).
_LN_2_HIGH, _LN_2_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)
# Adding it leaves the integer n nearest to a number in the low bits, with the bias of an exponent.
_MAGIC = np.float32(3 * 2.0**22 + 127)

# (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2: 2.7e-9
_E0, _E1, _E2, _E3, _E4, _E5 = (
    np.float32(v)
    for v in (0.5000000013, 0.1666666653, 0.0416664651, 0.0083333608, 0.0013933642, 0.0001985781)
)
# log(1 + f) / f for 1 + f from sqrt(1/2) to sqrt(2): 4.2e-9
_L0, _L1, _L2, _L3, _L4, _L5, _L6, _L7, _L8, _L9 = (
    np.float32(v)
    for v in (
        0.99999999998, -0.49999987970, 0.33333324895, -0.25001619536, 0.20002062808,
        -0.16608214693, 0.14179380003, -0.13248073127, 0.12923430641, -0.07632943630,
    )
)  # fmt: skip
NEAR, MIDDLE = np.float32(2.0), np.float32(4.5)
"""|d| up to which the Jensen-Shannon cell is a short polynomial, and a longer one."""
# ((d/2) sinh(d/2) - cosh(d/2) log cosh(d/2)) / d^2 in u = d^2 - centre; each centre was chosen so
# that the polynomial begins with a float32. |d| <= 2: 1.1e-9
_J_CENTRE = np.float32(2.00119996)
_J0, _J1, _J2, _J3, _J4, _J5, _J6 = (
    np.float32(v)
    for v in (
        0.125396103, 3.78863653e-4, 8.28871634e-5, -3.33212097e-6, 1.87982963e-7, -1.14276011e-8,
        7.13017201e-10,
    )
)  # fmt: skip
# |d| <= 4.5: 5.2e-9
_K_CENTRE = np.float32(10.1310749)
_K0, _K1, _K2, _K3, _K4, _K5, _K6, _K7, _K8, _K9, _K10, _K11 = (
    np.float32(v)
    for v in (
        0.13272202, 1.31870096e-3, 4.24687423e-5, -7.55107123e-7, 2.91293407e-8, -1.05948927e-9,
        4.1148307e-11, -1.62338903e-12, 5.18724129e-14, -2.09664668e-15, 2.06071403e-16,
        -8.91470579e-18,
    )
)  # fmt: skip


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no annotations
def _power_of_two(context: Any, t: Any) -> Any:
    """``2^n`` where ``t = n + _MAGIC``."""

    def build(_: Any, builder: Any, signature: Any, args: Any) -> Any:
        word = builder.bitcast(args[0], _WORD)
        return builder.bitcast(builder.shl(word, ir.Constant(_WORD, 23)), _FLOAT)

    return types.float32(types.float32), build


@intrinsic  # type: ignore[untyped-decorator]
def _exponent(context: Any, w: Any) -> Any:
    """The k for which ``w / 2^k`` lies within ``sqrt(1/2) .. sqrt(2)``."""

    def build(_: Any, builder: Any, signature: Any, args: Any) -> Any:
        word = builder.sub(builder.bitcast(args[0], _WORD), ir.Constant(_WORD, 0x3F3504F3))
        return builder.sitofp(builder.ashr(word, ir.Constant(_WORD, 23)), _FLOAT)

    return types.float32(types.float32), build


@intrinsic  # type: ignore[untyped-decorator]
def where(context: Any, condition: Any, a: Any, b: Any) -> Any:
    """``a`` if the condition holds, else ``b``: a select, never a branch."""

    def build(_: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.select(*args)

    return types.float32(types.boolean, types.float32, types.float32), build


@intrinsic  # type: ignore[untyped-decorator]
def maximum(context: Any, a: Any, b: Any) -> Any:
    """The larger of two numbers of which none is NaN: a reduction over it becomes vector code."""

    def build(_: Any, builder: Any, signature: Any, args: Any) -> Any:
        flags = ("nnan", "nsz")
        above = builder.fcmp_ordered(">", args[0], args[1], flags=flags)
        return builder.select(above, args[0], args[1], flags=flags)

    return types.float32(types.float32, types.float32), build


@intrinsic  # type: ignore[untyped-decorator]
def size(context: Any, z: Any) -> Any:
    """The bits of ``|z|``, which order as the numbers do, NaN above infinity."""

    def build(_: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.and_(builder.bitcast(args[0], _WORD), ir.Constant(_WORD, 0x7FFFFFFF))

    return types.int32(types.float32), build


@intrinsic  # type: ignore[untyped-decorator]
def larger(context: Any, a: Any, b: Any) -> Any:
    """The larger of two integers."""

    def build(_: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.select(builder.icmp_signed(">", *args), *args)

    return types.int32(types.int32, types.int32), build


@intrinsic  # type: ignore[untyped-decorator]
def of_bits(context: Any, bits: Any) -> Any:
    """The number with these bits."""

    def build(_: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], _FLOAT)

    return types.float32(types.int32), build


@intrinsic  # type: ignore[untyped-decorator]
def fetch(context: Any, array: Any, index: Any) -> Any:
    """Asks for the line of memory with this element, ahead of its use."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        at = context.make_array(array)(context, builder, args[0]).data
        at = builder.bitcast(builder.gep(at, [args[1]]), _BYTES)
        kind = ir.FunctionType(ir.VoidType(), [_BYTES, _WORD, _WORD, _WORD])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        # To read, into every level, of data.
        builder.call(function, [at, *(ir.Constant(_WORD, v) for v in (0, 3, 1))])
        return context.get_dummy_value()

    return types.void(array, types.intp), build


@intrinsic  # type: ignore[untyped-decorator]
def single_from_brain(context: Any, half: Any) -> Any:
    """The float32 of a bfloat16 given by its bits."""

    def build(_: Any, builder: Any, signature: Any, args: Any) -> Any:
        word = builder.zext(args[0], _WORD)
        return builder.bitcast(builder.shl(word, ir.Constant(_WORD, 16)), _FLOAT)

    return types.float32(types.uint16), build


@intrinsic  # type: ignore[untyped-decorator]
def single_from_half(context: Any, half: Any) -> Any:
    """The float32 of a float16 given by its bits."""

    def build(_: Any, builder: Any, signature: Any, args: Any) -> Any:
        word = builder.zext(args[0], _WORD)
        sign = builder.shl(builder.and_(word, ir.Constant(_WORD, 0x8000)), ir.Constant(_WORD, 16))
        rest = builder.shl(builder.and_(word, ir.Constant(_WORD, 0x7FFF)), ir.Constant(_WORD, 13))
        # The exponent's bias is 112 less: a product with 2^112, right for subnormals too.
        scaled = builder.fmul(builder.bitcast(rest, _FLOAT), ir.Constant(_FLOAT, 2.0**112))
        largest = builder.fcmp_ordered(">=", scaled, ir.Constant(_FLOAT, 2.0**16))
        scaled = builder.select(largest, ir.Constant(_FLOAT, float("inf")), scaled)
        return builder.bitcast(builder.or_(builder.bitcast(scaled, _WORD), sign), _FLOAT)

    return types.float32(types.uint16), build


@kernel(fastmath=EXACT, forceinline=True, error_model="numpy")
def exponential(z: Any) -> Any:
    """``e^z`` for ``-87 <= z <= 88``."""
    t = z * _LOG2_E + _MAGIC
    n = t - _MAGIC
    r = z - n * _LN_2_HIGH - n * _LN_2_LOW
    q = ((((_E5 * r + _E4) * r + _E3) * r + _E2) * r + _E1) * r + _E0
    return _power_of_two(t) * (q * r * r + r + ONE)


@kernel(fastmath=EXACT, forceinline=True, error_model="numpy")
def excess(z: Any) -> Any:
    """``e^z - 1 - z`` for ``-87 <= z <= 88``, accurate relative to itself, exactly 0 at 0.

    With z = n ln 2 + r it is ``2^n (e^r - 1 - r) + (2^n - 1) r + (2^n - 1 - n ln 2)``, whose
    terms are at most 6 times the sum.
    """
    t = z * _LOG2_E + _MAGIC
    n = t - _MAGIC
    r = z - n * _LN_2_HIGH - n * _LN_2_LOW
    q = ((((_E5 * r + _E4) * r + _E3) * r + _E2) * r + _E1) * r + _E0
    power = _power_of_two(t)
    less = power - ONE
    return power * (q * r * r) + (less * r + (less - n * _LN_2))


@kernel(fastmath=EXACT, forceinline=True, error_model="numpy")
def growth(z: Any) -> Any:
    """``e^z - 1`` for ``-87 <= z <= 88``, accurate relative to itself."""
    t = z * _LOG2_E + _MAGIC
    n = t - _MAGIC
    r = z - n * _LN_2_HIGH - n * _LN_2_LOW
    q = ((((_E5 * r + _E4) * r + _E3) * r + _E2) * r + _E1) * r + _E0
    power = _power_of_two(t)
    return power * (q * r * r + r) + (power - ONE)


@kernel(fastmath=EXACT, forceinline=True, error_model="numpy")
def logarithm(u: Any) -> Any:
    """``log(1 + u)`` for ``-1 < u < 1e37``, accurate relative to itself."""
    w = ONE + u
    lost = (u - (w - ONE)) / w
    k = _exponent(w)
    # w / 2^k through two factors, so that neither overflows.
    f = w * _power_of_two(_MAGIC - k) - ONE
    p = ((((_L9 * f + _L8) * f + _L7) * f + _L6) * f + _L5) * f + _L4
    p = (((p * f + _L3) * f + _L2) * f + _L1) * f + _L0
    return k * _LN_2_HIGH + (k * _LN_2_LOW + (f * p + lost))


@kernel(fastmath=EXACT, forceinline=True, error_model="numpy")
def jensen_shannon_near(d: Any) -> Any:
    """The Jensen-Shannon cell over ``sqrt(p q)`` for ``d = log q - log p``, ``|d| <= NEAR``.

    Over ``sqrt(p q)`` it is even in d: ``((d/2) sinh(d/2) - cosh(d/2) log cosh(d/2))``.
    """
    t = d * d
    u = t - _J_CENTRE
    return t * ((((((_J6 * u + _J5) * u + _J4) * u + _J3) * u + _J2) * u + _J1) * u + _J0)


@kernel(fastmath=EXACT, forceinline=True, error_model="numpy")
def jensen_shannon_middle(d: Any) -> Any:
    """The same for ``|d| <= MIDDLE``."""
    t = d * d
    u = t - _K_CENTRE
    g = ((((_K11 * u + _K10) * u + _K9) * u + _K8) * u + _K7) * u + _K6
    g = (((((g * u + _K5) * u + _K4) * u + _K3) * u + _K2) * u + _K1) * u + _K0
    return t * g


@kernel(fastmath=EXACT, forceinline=True, error_model="numpy")
def jensen_shannon(d: Any) -> Any:
    """The cell over p for ``-87 <= d <= 80``.

    Beyond ``NEAR``: with s = e^-|d| the cell over the larger of p and q is
    ``((1 + s) log(2 / (1 + s)) - s |d|) / 2``.
    """
    a = abs(d)
    s = exponential(-a)
    far = HALF * ((ONE + s) * (_LN_2 - logarithm(s)) - s * a)
    larger = exponential(where(d > ZERO, d, ZERO))
    small = where(a <= NEAR, d, ZERO)
    near = jensen_shannon_near(small) * exponential(HALF * small)
    return where(a <= NEAR, near, far * larger)


@kernel(fastmath=EXACT, forceinline=True, error_model="numpy")
def lost(a: Any, b: Any, difference: Any) -> Any:
    """What rounding ``a - b`` lost (Knuth's two-sum)."""
    back = difference - a
    return (a - (difference - back)) - (b + back)
