"""Equation (1): a mixture of one value is that value, whatever the weights."""

from __future__ import annotations

import pytest

from proofs_checks import eq_1
from tests.planted import survivors
from tests.verdicts import verdict


def test_its_verdict() -> None:
    assert verdict("eq_1") == "PROVED"


@pytest.mark.parametrize("sign", [1, -1])
def test_damaged_certificates_are_refused(sign: int) -> None:
    assert survivors(eq_1.mean_of_one_value("eq_1", sign)) == []
