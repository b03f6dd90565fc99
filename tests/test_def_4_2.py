"""Definition 4.2: the worst case includes x itself."""

from __future__ import annotations

import pytest
from hypothesis import given, target

import sua_ref
from proofs_checks import def_4_2
from sua_ref.elements import Array
from tests.planted import survivors
from tests.strategies import worlds
from tests.tightness import Recorder, counts_cases_of
from tests.verdicts import verdict


def test_the_verdict_is_proved_and_checked() -> None:
    assert verdict("def_4_2.at_least_clean") == "PROVED"


def test_planted_faults_are_refused() -> None:
    assert survivors(def_4_2.LEMMA) == []


@counts_cases_of("def_4_2.at_least_clean")
@pytest.mark.parametrize("risk", ["gibbs", "self", "argmax"])
def test_the_worst_case_is_at_least_the_risk_at_x(risk: str) -> None:
    seen = Recorder()

    @given(worlds())
    def holds(world: tuple[Array, Array, Array, Array]) -> None:
        p, perturbed, truth, _ = world
        here = {
            "gibbs": sua_ref.gibbs_risk(p, truth),
            "self": sua_ref.self_risk(p),
            "argmax": sua_ref.argmax_risk(p, truth),
        }[risk]
        worst = sua_ref.worst_case_risk(p, perturbed, truth, risk=risk)
        assert worst >= here
        if worst > 0:
            seen.case(worst, worst - here)
            target(-float((worst - here) / worst))

    holds()
    seen.check()
