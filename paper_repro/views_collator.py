"""Batches of inputs with their K perturbations, padded to one length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from paper_repro.objective import LABELS, VIEWS


class ViewsCollator:
    """Collates features that hold, under ``"views"``, their perturbations tokenised likewise.

    Rows without that key (an evaluation without perturbations) make batches without it.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self.tokenizer = tokenizer

    def __call__(self, features: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Tensors ``(B, T)``, ``labels`` ``(B,)`` and, in ``views``, tensors ``(B, K, T)``.

        Raises:
            ValueError: a row has another number of perturbations than the first, or none.
        """
        counts = [len(row.get(VIEWS, ())) for row in features]
        for i, count in enumerate(counts):
            if count != counts[0] or (count == 0 and VIEWS in features[i]):
                raise ValueError(f"views: row {i} of the batch has {count}, row 0 {counts[0]}")
        rows, k = len(features), counts[0]
        clean = [_inputs(row) for row in features]
        views = [_inputs(view) for row in features for view in row.get(VIEWS, ())]
        padded: dict[str, Tensor] = dict(self.tokenizer.pad(clean + views, return_tensors="pt"))
        batch: dict[str, Any] = {name: t[:rows] for name, t in padded.items()}
        if all(LABELS in row for row in features):
            batch[LABELS] = torch.tensor([int(row[LABELS]) for row in features])
        if k:
            batch[VIEWS] = {name: t[rows:].reshape(rows, k, -1) for name, t in padded.items()}
        return batch


def _inputs(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in (VIEWS, LABELS)}
