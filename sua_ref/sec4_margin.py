"""Section 4, the margin: how far apart the two largest probabilities must be at a low entropy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sua_ref import checks
from sua_ref.cells import log
from sua_ref.elements import Value, _needs_logarithm, elements, kind_of, like, positive_part
from sua_ref.sec4_curves import total_variation_bound

_LOG_2_REST = 2.3190468138462996e-17
"""What ``log 2`` has beyond its float64."""


def margin_bound(h: Any) -> Value:
    """Result n_18: the least margin ``p(1) - p(2)`` between the two largest probabilities.

    At entropy h below log 2 it is ``1 - 2 e`` with ``h(e) = H``, e <= 1/2, attained by two labels:
    every other output of that entropy leaves its best label more room. From log 2 on nothing is
    left, for two labels may tie. The curve is that of the Jensen-Shannon divergence, read at
    ``log 2 - H``. Together with n_5 it says by how much an output of known entropy must move to
    change its answer: ``TV >= margin_bound(H)/2``. We found no earlier statement after a limited
    search; the ingredients are classical (Feder and Merhav 1994).

    Args:
        h: number or ``(...)`` of entropies in nats, >= 0, of outputs over two or more labels:
            float64 or balls.

    Returns:
        ``(...)`` in [0, 1], decreasing in h from 1 at 0 to 0 at log 2. Just below log 2 it moves
        like the square root of ``log 2 - h``: an error in h of 1e-16 moves it by 1e-8.

    Raises:
        ValueError: an entropy that is NaN or negative; the row is named.
        TypeError: Fractions (a logarithm is needed).

    >>> margin_bound([0.0, 0.7])
    array([1., 0.])
    >>> h = math.log(4) - 0.75 * math.log(3)      # of the output (3/4, 1/4)
    >>> round(float(margin_bound(h)), 12)
    0.5
    """
    given = elements(h, "h")
    if kind_of(given) == "Fraction":
        raise _needs_logarithm("an entropy")
    a = checks.within(given, "h", 0, math.inf)
    if kind_of(a) == "float64":
        missing = (math.log(2) - a) + _LOG_2_REST
    else:
        missing = log(np.asarray(like(2, a)))[()] - a
    return total_variation_bound(positive_part(np.asarray(missing)), kind="jsd")
