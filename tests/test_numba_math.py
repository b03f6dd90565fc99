"""The kernels' elementary functions on dense grids, beside balls; and what is kept on disk of them.

A unit is 2^-24. Every bound is a sum over the roundings of the formula at its worst argument, none
of which cancels another, so that no bound is met; the fit of a polynomial adds at most 0.1.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from flint import arb, ctx

numba = pytest.importorskip("numba", reason="numba is not installed: no kernels to test")

from sua_gpu import numba_cache, numba_math, numba_tiles  # noqa: E402

UNIT = 2.0**-24
LN_2 = float(np.log(2))


def _over(function: Any) -> Callable[[Any], Any]:
    """The function of each number of an array."""

    @numba.njit  # type: ignore[untyped-decorator]
    def run(z: Any) -> Any:
        out = np.empty_like(z)
        for i in range(len(z)):
            out[i] = function(z[i])
        return out

    return run  # type: ignore[no-any-return]


def _grid(low: float, high: float) -> Any:
    """Evenly spread, beside 0 by powers of 2, and on both sides of each seam of the reductions."""
    even = np.linspace(low, high, 8001)
    small = np.concatenate([s * 2.0 ** -np.arange(0, 40, 0.37) for s in (-1.0, 1.0)])
    seams = [
        k * LN_2 / 2 + s for k in range(-250, 251) for s in (-1e-6, 0.0, 1e-6, -1e-3, 1e-3)
    ] + [2 + s for s in (-1e-6, 0.0, 1e-6)]
    z = np.concatenate([even, small, seams, -np.array(seams[-3:])]).astype(np.float32)
    return z[(z >= np.float32(low)) & (z <= np.float32(high)) & (z != 0)]


def _jensen_shannon(d: arb) -> arb:
    power = d.exp()
    return (d * power - (1 + power) * ((1 + power) / 2).log()) / 2


def _even(d: arb) -> arb:
    """The cell over the root of the product."""
    return _jensen_shannon(d) / (d / 2).exp()


FUNCTIONS: dict[str, tuple[float, float, Callable[[arb], arb], float]] = {
    # The reduced r is off by 0.4 units (n ln 2 in two parts), the last sum by 1, the terms before
    # it by 0.41 and 0.26 of the least power, 0.71.
    "exponential": (-87, 88, lambda z: z.exp(), 2.2),
    # Worst at z = ln(2)/2, where n = 1: 1.2 units of 2, over e^z - 1 = 0.41, and the last sum.
    "growth": (-87, 88, lambda z: z.expm1(), 7),
    # Worst there too: 0.9 units, over e^z - 1 - z = 0.068.
    "excess": (-87, 88, lambda z: z.expm1() - z, 14),
    # Worst at the seam: f p is off by 2.5 units of 0.35, its sum with the rest by 1, and the last.
    "logarithm": (-0.9999, 3e4, lambda z: (1 + z).log(), 5),
    # Its value over d^2 is from 0.125 to 0.127 on positive terms: Horner adds 1.5, d^2 and the last
    # product 1 each.
    "jensen_shannon_near": (-2, 2, _even, 4),
    # The same, from 0.125 to 0.155; at the low end the terms in u come to a tenth of the sum.
    "jensen_shannon_middle": (-4.5, 4.5, _even, 5),
    # At |d| just above 2: terms of 3.9 units in all, over 0.37, and the larger of p and q.
    "jensen_shannon": (-87, 80, _jensen_shannon, 14),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_keeps_its_digits(name: str) -> None:
    low, high, exact, units = FUNCTIONS[name]
    z = _grid(low, high)
    found = _over(getattr(numba_math, name))(z)
    with ctx.workprec(400):  # the last cancels 250 bits at z = -87
        truth = [exact(arb(float(v))) for v in z]
        ratios = [float((arb(float(v)) / t - 1).mid()) for v, t in zip(found, truth, strict=True)]
    worst = int(np.argmax(np.abs(ratios)))
    assert abs(ratios[worst]) <= units * UNIT, (z[worst], ratios[worst] / UNIT)


def test_what_has_the_value_0_or_1_at_0_has_it_exactly() -> None:
    zero = np.zeros(1, np.float32)
    for name in FUNCTIONS:
        assert _over(getattr(numba_math, name))(zero)[0] == (name == "exponential")


def test_what_a_difference_lost_makes_it_exact() -> None:
    rng = np.random.default_rng(0)
    a, b = (rng.normal(size=(2, 4000)) * 2.0 ** rng.integers(-8, 8, (2, 4000))).astype(np.float32)
    found = np.array([numba_math.lost(u, v, u - v) for u, v in zip(a, b, strict=True)])
    wide = [t.astype(np.float64) for t in (a, b, a - b, found)]
    assert (wide[2] + wide[3] == wide[0] - wide[1]).all()
    assert (found != 0).any()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_every_number_of_16_bits_is_widened_exactly(dtype: torch.dtype) -> None:
    bits = torch.arange(2**16, dtype=torch.int32).to(torch.uint16)
    numbers = bits.view(dtype).float()
    into = np.empty(2**16, np.float32)
    numba_tiles.widen(bits.numpy(), dtype == torch.bfloat16, into)
    known = ~numbers.isnan()
    assert torch.equal(torch.from_numpy(into)[known], numbers[known])


def test_a_step_does_not_see_an_offset_and_marks_a_label_that_one_row_alone_allows() -> None:
    one, none = np.float32(1), np.float32(-np.inf)
    about = (np.float32(0), np.float32(2.0**-30), np.float32(0.5))
    assert numba_tiles.step(np.float32(0), one, about) == np.float32(0.5)
    # 4096 + 2^-10 is exact; 2^-30 beside it would be lost in single precision.
    x = np.float32(4096 + 2.0**-10)
    moved = numba_tiles.step(x, one, (np.float32(4096), one, np.float32(0)))
    assert moved == np.float32(-(2.0**-10))
    assert numba_tiles.step(none, none, about) == 0
    assert numba_tiles.step(one, none, about) == -np.inf
    assert numba_tiles.step(none, one, about) == np.inf


def test_code_on_disk_is_named_after_all_its_sources(tmp_path: Path) -> None:
    sources = Path(numba_cache.__file__).parent
    for file in sources.glob("numba_*.py"):
        shutil.copy(file, tmp_path)
    known = numba_cache.digest(sources)
    assert numba_cache.digest(tmp_path) == known
    with (tmp_path / "numba_math.py").open("a") as called:
        called.write("\n")
    assert numba_cache.digest(tmp_path) != known

    numba_tiles.largest(np.ones(3, np.float32))
    kept = Path(numba_tiles.largest.stats.cache_path)
    assert list(kept.glob(f"*largest_{known}*.nbi"))
