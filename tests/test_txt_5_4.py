"""Section 5.4: the proxies of ambiguity."""

from __future__ import annotations

from fractions import Fraction

import pytest

from proofs_checks import txt_5_4
from tests.verdicts import verdict

VERDICTS = {
    "txt_5_4.proxy@samples": "REFUTED",
    "txt_5_4.proxy@paraphrases": "REFUTED",
    "txt_5_4.deterministic": "PROVED",
    "txt_5_4.faithful": "REFUTED",
}
SURE = (Fraction(1), Fraction(0))


@pytest.mark.parametrize("claim", sorted(VERDICTS))
def test_its_verdicts(claim: str) -> None:
    assert verdict(claim) == VERDICTS[claim]


def test_instances_without_their_property_refute_nothing() -> None:
    assert txt_5_4.blind() == []
    assert txt_5_4.blind(model=(Fraction(0), Fraction(1))) != []
    assert txt_5_4.sees_what_is_not_there((SURE, SURE)) != []
    assert txt_5_4.less_faithful((SURE, SURE)) != []
