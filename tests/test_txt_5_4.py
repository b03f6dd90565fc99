"""Section 5.4: the proxies of ambiguity."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import sua_ref
from proofs_checks import txt_5_4
from proofs_checks.lemma import HALF
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


def test_instances_without_what_they_need_do_not_refute() -> None:
    assert "the proxy is" in txt_5_4.blind((HALF, HALF), (HALF, HALF))[0]
    assert "the mean output is" in txt_5_4.sees_what_is_not_there(((1, 0), (1, 0)))[0]
    assert "paraphrases > 1/2 is" in txt_5_4.less_faithful(((1, 0), (1, 0)))[0]
    assert "samples is" in txt_5_4.less_faithful(((HALF, HALF), (HALF, HALF)))[0]


def test_the_proxy_of_the_reference_on_the_instances() -> None:
    """All answers alike, and answers that differ with the paraphrase."""
    assert sua_ref.ambiguity_proxy(np.zeros(9, dtype=int)) == 0
    assert abs(sua_ref.ambiguity_proxy(np.array([0, 1] * 4)) - np.log(2)) < 1e-15
