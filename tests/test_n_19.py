"""Result n_19: the sharp factor of mixing with any law, its function, its mirror, its verdict."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
import pytest
import torch
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

import sua_gpu
import sua_ref
from proofs_checks import contraction, n_19
from proofs_checks.checker import check
from proofs_checks.claims import select
from proofs_checks.run import check_claim
from proofs_checks.verdict import Verdict
from sua_ref.elements import Array, Undecided
from tests.strategies import as_balls, as_floats, exact, rational_rows, rows_beside
from tests.tightness import Recorder, counts_cases_of
from tests.tolerances import few_ulps

SHARES = st.fractions(Fraction(1, 16), Fraction(15, 16), max_denominator=16)


def split(law: Array, alpha: Fraction) -> tuple[int, int, float]:
    """The two least labels and the share of the first at which the factor is attained."""
    i, j = sorted(range(len(law)), key=law.__getitem__)[:2]
    a, b = (float((1 - alpha) * law[k]) for k in (i, j))
    s, t = math.sqrt(a * (float(alpha) + b)), math.sqrt(b * (float(alpha) + a))
    return i, j, s / (s + t) if s + t else 0.5


@st.composite
def mixings(draw: st.DrawFn) -> tuple[Array, Array, Array, Fraction]:
    """Two rows, a law and a share; often near where the factor is attained."""
    n = draw(st.integers(2, 5))
    law, alpha = exact(draw(rational_rows(n))), draw(SHARES)
    p, q = exact(draw(rational_rows(n))), exact(draw(rational_rows(n)))
    if draw(st.booleans()):
        i, j, at = split(law, alpha)
        share = min(max(Fraction(at).limit_denominator(200), Fraction(1, 100)), Fraction(99, 100))
        q = exact([Fraction(0)] * n)
        q[i], q[j] = share, 1 - share
        p = q.copy()
        p[i], p[j] = p[i] - Fraction(1, 1000), p[j] + Fraction(1, 1000)
    return p, q, law, alpha


def mixed(row: Array, law: Array, alpha: Fraction) -> Array:
    return exact([alpha * a + (1 - alpha) * b for a, b in zip(row, law, strict=True)])


@counts_cases_of("n_19")
@pytest.mark.parametrize("kind", ["chi2", "kl", "reverse_kl", "jsd", "hellinger2"])
def test_no_divergence_exceeds_the_factor_and_some_come_near(kind: str) -> None:
    seen = Recorder()

    @given(mixings())
    def holds(case: tuple[Array, Array, Array, Fraction]) -> None:
        p, q, law, alpha = case
        with ctx.workprec(160):
            before = sua_ref.divergence(as_balls(p), as_balls(q), kind=kind)
            if before.is_finite() and before > 0:
                after = sua_ref.divergence(
                    *(as_balls(mixed(r, law, alpha)) for r in (p, q)), kind=kind
                )
                bound = sua_ref.smoothing_factor_for(as_balls(law), alpha) * before
                assert not after > bound
                seen.case(bound, bound - after)

    holds()
    seen.check()


@st.composite
def laws(draw: st.DrawFn) -> Array:
    """Any law, or one whose two least entries are nearly equal."""
    row = draw(rational_rows(draw(st.integers(2, 5))))
    if draw(st.booleans()):
        i, j = sorted(range(len(row)), key=row.__getitem__)[:2]
        mean = (row[i] + row[j]) / 2
        row = draw(rows_beside(tuple(mean if k in (i, j) else v for k, v in enumerate(row))))
    return exact(row)


@counts_cases_of("n_19.least_entry")
def test_the_least_entry_alone_bounds_it_and_is_sharp_where_said() -> None:
    seen = Recorder()

    @given(laws(), SHARES)
    def holds(law: Array, alpha: Fraction) -> None:
        least, second = sorted(law)[:2]
        with ctx.workprec(160):
            factor = sua_ref.smoothing_factor_for(as_balls(law), alpha)
            bound = as_balls(exact([alpha**2 / (alpha + 2 * (1 - alpha) * least)]))[0]
            if least in (0, second):
                assert factor.overlaps(bound)
            else:
                assert factor < bound
            seen.case(bound, bound - factor)

    holds()
    seen.check()


@given(rational_rows(4), SHARES)
def test_it_is_the_largest_contraction_of_two_labels(
    law: tuple[Fraction, ...], alpha: Fraction
) -> None:
    """An oracle that searches: every pair of labels, every split of a fine grid."""
    best = 0.0
    w = np.linspace(1e-6, 1 - 1e-6, 4001)
    for i, j in combinations(range(4), 2):
        a, b = (float((1 - alpha) * law[k]) for k in (i, j))
        after = 1 / (float(alpha) * w + a) + 1 / (float(alpha) * (1 - w) + b)
        best = max(best, float(np.max(after * w * (1 - w))))
    factor = float(sua_ref.smoothing_factor_for(as_floats(exact(law)), float(alpha)))
    assert float(alpha) ** 2 * best <= factor * (1 + 1e-12)
    # A grid step of 2.5e-4 misses a smooth maximum by far less, one at its edge by about 1e-3.
    assert float(alpha) ** 2 * best >= 0.995 * factor


@given(rational_rows(5), SHARES)
def test_the_three_number_types_agree(law: tuple[Fraction, ...], alpha: Fraction) -> None:
    ball = sua_ref.smoothing_factor_for(as_balls(exact(law)), alpha)
    value = sua_ref.smoothing_factor_for(as_floats(exact(law)), float(alpha))
    # 40 roundings of positive terms; the entries of u and 1 - alpha are rounded first.
    assert abs(value - float(ball)) <= few_ulps(40) * value
    least, second = sorted(law)[:2]
    if least in (0, second):
        assert ball.overlaps(as_balls(exact([sua_ref.smoothing_factor_for(exact(law), alpha)]))[0])
    else:
        with pytest.raises(TypeError, match=r"flint\.arb"):
            sua_ref.smoothing_factor_for(exact(law), alpha)


def test_it_lies_between_the_uniform_factor_and_alpha() -> None:
    assert sua_ref.smoothing_factor_for([0.25] * 4, 0.5) == pytest.approx(
        sua_ref.smoothing_factor(4, 0.5), rel=few_ulps(8)
    )
    assert sua_ref.smoothing_factor_for([0.0, 0.5, 0.5], 0.5) == 0.5
    assert sua_ref.smoothing_factor_for([0.2, 0.8], 0) == 0
    assert sua_ref.smoothing_factor_for([0.0, 1.0], 0) == 0
    assert sua_ref.smoothing_factor_for([0.2, 0.8], 1) == 1
    rows = sua_ref.smoothing_factor_for([[0.2, 0.8], [0.5, 0.5]], 0.5)
    assert rows.tolist() == [sua_ref.smoothing_factor_for(r, 0.5) for r in ([0.2, 0.8], [0.5, 0.5])]


def test_a_batch_of_balls_is_its_rows() -> None:
    laws = [[0.125, 0.25, 0.625], [0.5, 0.375, 0.125], [0.25, 0.5, 0.25]]
    rows = sua_ref.smoothing_factor_for(as_balls(np.array(laws)), Fraction(1, 2))
    assert rows.shape == (3,)
    for ball, law in zip(rows, laws, strict=True):
        assert abs(ball - arb(float(sua_ref.smoothing_factor_for(law, 0.5)))) < 1e-14


def test_balls_whose_order_is_unknown_are_enclosed() -> None:
    wide = [arb(0.25, 0.01), arb(0.25, 0.01), arb(0.5, 0.01)]
    value = sua_ref.smoothing_factor_for(np.array(wide), Fraction(1, 2))
    for first, second in ((0.245, 0.255), (0.255, 0.245), (0.25, 0.245)):
        law = [first, second, 1 - first - second]
        assert value.contains(arb(sua_ref.smoothing_factor_for(law, 0.5)))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (([0.5, 0.6], 0.5), r"u: row 0 sums to 1\.1"),
        (([0.5, 0.5], 1.5), r"alpha: 1\.5 is above 1"),
        (([0.5, 0.5], -0.5), r"alpha: -0\.5 is below 0"),
        (([0.5, 0.5], math.nan), "alpha: nan"),
    ],
)
def test_bad_input_is_refused(arguments: tuple[Any, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        sua_ref.smoothing_factor_for(*arguments)
    tensors = (torch.tensor(arguments[0]), arguments[1])
    with pytest.raises(ValueError, match=said.split(":")[0]):
        sua_gpu.smoothing_factor_for(*tensors)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@given(law=rational_rows(6), alpha=SHARES)
def test_the_mirror_agrees(dtype: torch.dtype, law: tuple[Fraction, ...], alpha: Fraction) -> None:
    u = torch.from_numpy(as_floats(exact(law))).to(dtype)
    seen = u.double().numpy()
    seen = seen / seen.sum()  # the reference wants a float64 row; this moves it by an eps of dtype
    truth = float(sua_ref.smoothing_factor_for(seen, float(alpha)))
    value = sua_gpu.smoothing_factor_for(u, float(alpha))
    assert value.dtype == dtype
    assert float(value) == pytest.approx(truth, rel=40 * torch.finfo(dtype).eps)


def test_the_mirror_is_differentiable_and_batched() -> None:
    u = torch.tensor([[0.2, 0.3, 0.5], [0.1, 0.6, 0.3]], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda x: sua_gpu.smoothing_factor_for(x, 0.5, validate=False), (u,)
    )
    assert sua_gpu.smoothing_factor_for(torch.ones(1), 0.5).item() == pytest.approx(1 / 6)
    with pytest.raises(TypeError, match="alpha: a real number"):
        sua_gpu.smoothing_factor_for(torch.ones(1), "0.5")


@pytest.mark.parametrize("claim", ["n_19", "n_19.least_entry"])
def test_the_verdict_is_proved_and_checked(claim: str) -> None:
    (record,) = (c for c in select("n_19") if c.id == claim)
    judgement = check_claim(record).judgement
    assert (judgement.verdict, judgement.grade) == (Verdict.PROVED, "checked")


STATEMENT, CERTIFICATE = contraction.OTHERS, contraction.OTHERS_CERTIFICATE
_FALSE_GOAL = STATEMENT.goal - contraction.kappa * contraction.D * contraction.D * contraction.w


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"goal": _FALSE_GOAL}, "differ as polynomials"),
        ({"zero_sums": {}}, "no hypothesis 'sum d = D"),
        (
            {"atoms": {k: x for k, x in STATEMENT.atoms.items() if k != "w <= v"}},
            "no hypothesis 'w <= v'",
        ),
        (
            {"atoms": {k: x for k, x in STATEMENT.atoms.items() if k != "k(v) >= kappa"}},
            "no hypothesis 'k(v) >= kappa'",
        ),
        ({"global_variables": frozenset({"alpha"})}, "depends on the label"),
    ],
)
def test_planted_faults_in_the_certificate_are_rejected(changes: dict[str, Any], said: str) -> None:
    faults = check(dataclasses.replace(STATEMENT, **changes), CERTIFICATE)
    assert any(said in fault for fault in faults)


@given(st.data())
def test_the_encoded_sum_is_the_difference_that_it_speaks_of(data: st.DataObject) -> None:
    """``v (sum k d^2 - kappa D^2)`` over labels 2, ..., n from the variables of the certificate."""
    n = data.draw(st.integers(1, 4))
    cells = st.fractions(Fraction(1, 8), 2, max_denominator=8)
    ws, cs, es = (data.draw(st.lists(cells, min_size=n, max_size=n)) for _ in range(3))
    alpha, theta, kappa = data.draw(cells), data.draw(cells), data.draw(cells)
    v = sum(ws, Fraction(0))
    ds = [w * (alpha * w + c) * (alpha * v + c) * e for w, c, e in zip(ws, cs, es, strict=True)]
    total = sum(ds, Fraction(0))
    encoded = sum(
        (
            STATEMENT.goal.at(
                {"alpha": alpha, "theta": theta, "kappa": kappa, "v": v, "D": total,
                 "w": w, "c": c, "e": e}
            )
            for w, c, e in zip(ws, cs, es, strict=True)
        ),
        Fraction(0),
    )  # fmt: skip
    meant = sum(
        (d**2 * (theta / w - 1 / (alpha * w + c)) for d, w, c in zip(ds, ws, cs, strict=True)),
        Fraction(0),
    )
    assert encoded == v * (meant - kappa * total**2)


def test_two_balls_that_may_be_out_of_range_are_not_guessed() -> None:
    with pytest.raises(Undecided):
        sua_ref.smoothing_factor_for(np.array([arb(0.5), arb(0.5)]), arb(1, 0.1))


def test_the_recorded_example() -> None:
    assert n_19._attained() == n_19._nearly() == []
