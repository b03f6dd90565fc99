"""Section 5.3: the label check and semantics."""

from __future__ import annotations

from proofs_checks import txt_5_3
from tests.verdicts import verdict


def test_its_verdict() -> None:
    assert verdict("txt_5_3.label_check") == "REFUTED"


def test_instances_without_their_property_refute_nothing() -> None:
    assert txt_5_3.passes_unseen() == []
    assert txt_5_3.passes_unseen(there=(1, 0)) != []
    assert txt_5_3.passes_unseen(laws=((1, 0), (0, 1))) != []


def test_instances_without_what_they_need_do_not_refute() -> None:
    own_labels = txt_5_3.passes_unseen(laws=((1, 0), (0, 1)))
    assert own_labels == ["label-invariant is False, not True"]
    same_meaning = txt_5_3.passes_unseen(there=(1, 0))
    assert "semantics-preserving is True, not False" in same_meaning
