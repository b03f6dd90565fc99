r"""What an accuracy and selective accuracies leave to the area under the ROC curve.

A score ranks answers, errors meant to score high; a share ``a`` is right, ``e = 1 - a`` wrong. At
coverages ``c_1 < ... < c_m`` the answers kept have accuracy ``s_1, ..., s_m``. These cut the
ranking into m + 1 blocks with right and wrong masses ``r_i`` and ``w_i``: the kept ones have right
mass ``c_i s_i`` and wrong mass ``c_i (1 - s_i)``, and everything has ``a`` and ``e``.

**Range.** The failure AUROC is the chance that a wrong answer outscores a right one, ties one half:

    sum_{i<j} r_i w_j  <=  a e AUROC  <=  sum_{i<=j} r_i w_j,

and each value between is attained.

Proof. A pair in two blocks is decided by them: it counts 1 if the right answer lies in the lower,
else 0. A pair within a block counts anything from 0 to 1. That gives both bounds, if no tie lies
across a cut. If one does, AUROC, a, and the expected masses are those of a random order of each
tie, so average over orders: with cumulated masses R_j and W_j = c_j - R_j, where R_0 = 0 and
R_{m+1} = a, the lower bound is sum_j R_{j-1} (W_j - W_{j-1}) = linear
+ (1/2)(R_1^2 + sum_j (R_{j+1} - R_j)^2) - a^2/2, convex in R, so by Jensen it is no larger at the
expected masses; the upper bound is a e minus the same expression with R and W exchanged. Attained:
:func:`witness` puts, in every block, a share t of the wrong answers above and the rest below all
right ones, which makes its inner pairs count t each. (The random order settles a fractional last
answer too, when no two cuts share it: then each product has one random factor, or two that are
independent.)

**Chord.** If the failure rate never falls as the score rises, then AUROC is at least the middle of
the range: that of the score which keeps only the blocks.

Proof. The ROC curve, ties being straight pieces, has slope proportional to the odds of failure, so
it is concave and lies above the polygon through its points at the cuts; that polygon is the curve
of the block score, whose area is the middle. (A tie cut in two averages to a point of its piece.)

Credit: areas under broken lines are classical. We found no earlier use of the pair as a check of
printed tables after a limited search; the idea of such checks is that of GRIM (Brown and Heathers
2017).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple


class Block(NamedTuple):
    """Right and wrong mass of the answers between two cuts, or of one level of a score."""

    right: Fraction
    wrong: Fraction


def blocks(accuracy: Fraction, selective: Mapping[Fraction, Fraction]) -> list[Block]:
    """The blocks of a ranking, lowest scores first.

    Args:
        accuracy: of all answers, in (0, 1).
        selective: accuracy of the answers kept, by coverage in (0, 1).

    Raises:
        ValueError: some block would have negative mass: no ranking has these numbers.

    >>> blocks(Fraction(3, 4), {Fraction(1, 2): Fraction(1)})
    [Block(right=Fraction(1, 2), wrong=Fraction(0, 1)), Block(right=Fraction(1, 4), ...)]
    """
    found, before = [], Block(Fraction(0), Fraction(0))
    for c, s in sorted({**selective, Fraction(1): accuracy}.items()):
        kept = Block(c * s, c * (1 - s))
        found.append(Block(kept.right - before.right, kept.wrong - before.wrong))
        before = kept
    for k, block in enumerate(found):
        if min(block) < 0:
            raise ValueError(f"block {k} would have right and wrong masses {block}")
    return found


def _pairs(ranked: Sequence[Block], within: Fraction) -> Fraction:
    """Mass of the pairs ranked as they should be, those within a block counting ``within``."""
    below, total = Fraction(0), Fraction(0)
    for block in ranked:
        total += block.wrong * (below + within * block.right)
        below += block.right
    return total


def _all_pairs(ranked: Sequence[Block]) -> Fraction:
    return sum((b.right for b in ranked), Fraction(0)) * sum((b.wrong for b in ranked), Fraction(0))


def auroc_range(ranked: Sequence[Block]) -> tuple[Fraction, Fraction]:
    """The least and the largest failure AUROC of a score with these blocks.

    >>> half, one = Fraction(1, 2), Fraction(1)
    >>> low, high = auroc_range(blocks(Fraction(3, 4), {half: one}))
    >>> str(low), str(high)
    ('2/3', '1')
    """
    pairs = _all_pairs(ranked)
    return _pairs(ranked, Fraction(0)) / pairs, _pairs(ranked, Fraction(1)) / pairs


def auroc(levels: Sequence[Block]) -> Fraction:
    """The failure AUROC of a score with these levels, lowest first: pairs in a level are ties.

    >>> third = Fraction(1, 3)
    >>> str(auroc([Block(third, Fraction(0)), Block(third, third)]))
    '3/4'
    """
    return _pairs(levels, Fraction(1, 2)) / _all_pairs(levels)


def witness(ranked: Sequence[Block], wanted: Fraction) -> list[Block]:
    """A score with these blocks and this AUROC, as levels: three in each block.

    Raises:
        ValueError: the value lies outside :func:`auroc_range`.
    """
    low, high = auroc_range(ranked)
    if not low <= wanted <= high:
        raise ValueError(f"no ranking with these blocks has AUROC {wanted}, outside {low}..{high}")
    above = (wanted - low) / (high - low) if high > low else Fraction(0)
    levels = []
    for block in ranked:
        levels += [
            Block(Fraction(0), block.wrong * (1 - above)),
            Block(block.right, Fraction(0)),
            Block(Fraction(0), block.wrong * above),
        ]
    return levels


def selective_accuracy(levels: Sequence[Block], coverage: Fraction) -> Fraction:
    """Accuracy of the lowest-scored share ``coverage`` of the mass, ties kept in proportion.

    >>> third = Fraction(1, 3)
    >>> str(selective_accuracy([Block(third, Fraction(0)), Block(third, third)], Fraction(2, 3)))
    '3/4'
    """
    left, right = coverage * sum((b.right + b.wrong for b in levels), Fraction(0)), Fraction(0)
    kept = left
    for block in levels:
        mass = block.right + block.wrong
        if left >= mass:
            right, left = right + block.right, left - mass
        else:
            right, left = right + block.right * left / mass, Fraction(0)
    return right / kept
