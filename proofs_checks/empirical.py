"""Empirical sentences: all records with their declared tests, and what has to be measured for them.

The tests stand as data in ``empirical_tests_*.py`` and were committed before any run of the study
existed; what they may name is in :mod:`proofs_checks.empirical_protocol`.
"""

from __future__ import annotations

from proofs_checks import (
    empirical_tests_appendix,
    empirical_tests_main,
    empirical_tests_repo,
    empirical_tests_rest,
)
from proofs_checks.empirical_protocol import MODELS
from proofs_checks.empirical_record import Record

RECORDS: tuple[Record, ...] = (
    *empirical_tests_main.RECORDS,
    *empirical_tests_rest.RECORDS,
    *empirical_tests_appendix.RECORDS,
    *empirical_tests_repo.RECORDS,
)
"""In the order of the paper, then the later repository."""


def comparisons() -> list[dict[str, object]]:
    """Every comparison that a test asks for, once for each model, for the writer of summaries.

    >>> first = comparisons()[0]
    >>> first["id"]
    'bert-base-uncased/auroc/squadshifts_wiki/sua_tr:sua@1/standard:self_consistency'
    >>> sorted(first)
    ['dataset', 'id', 'left', 'metric', 'model', 'right', 'task']
    """
    every = dict.fromkeys(c for record in RECORDS for c in record.test.comparisons)
    return [comparison.document(model) for model in MODELS for comparison in every]
