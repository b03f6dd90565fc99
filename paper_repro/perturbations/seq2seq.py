"""A text-to-text model of ``transformers`` that writes one sample for each text.

The samples are Gumbel-max: to the log-probabilities of each row comes noise from a generator of
that row's own, and the largest wins. That is a draw from the softmax, and it depends on the seed of
the row alone, where the library's own sampling draws one stream for the whole batch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer
from transformers.generation.logits_process import (
    LogitsProcessor,
    LogitsProcessorList,
    TopPLogitsWarper,
)

from paper_repro.bad_input import BadInputError


class Written(NamedTuple):
    """What the model wrote, or why there is nothing: "empty", "too long" (the input), "cut short"
    (the output reached the limit before its end)."""

    text: str
    failure: str | None


class _RowNoise(LogitsProcessor):
    """Gumbel noise for each row from its own generator, after temperature and nucleus."""

    def __init__(self, seeds: Sequence[int], temperature: float, top_p: float) -> None:
        # On the CPU, so that every device draws the same numbers.
        self._generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        self._temperature = temperature
        self._nucleus = TopPLogitsWarper(top_p) if top_p < 1 else None

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        scaled = scores.float() / self._temperature
        if self._nucleus is not None:
            scaled = self._nucleus(input_ids, scaled)
        waits = torch.stack(
            [torch.empty(scaled.shape[-1]).exponential_(generator=g) for g in self._generators]
        )
        return scaled - waits.log().to(scaled.device)


class Seq2Seq:
    """A paraphraser, or one direction of a translation.

    Args:
        source: a local folder or a hub id.
        revision: of a hub id; a commit makes a run repeatable.
        prefix: what the model wants before each text ("paraphrase: ", ">>fra<< ").
        temperature, top_p: of the samples.
        max_tokens: of an input and of an output; nothing is ever cut off: a longer text is refused.
        batch_size: texts at once.
        device: where the model runs.

    Raises:
        BadInputError: no such model, or a setting out of range.
    """

    def __init__(
        self,
        source: str | Path,
        *,
        revision: str | None = None,
        prefix: str = "",
        temperature: float = 0.7,
        top_p: float = 0.9,
        max_tokens: int = 128,
        batch_size: int = 16,
        device: str = "cpu",
    ) -> None:
        if not temperature > 0 or not 0 < top_p <= 1 or max_tokens < 1 or batch_size < 1:
            raise BadInputError(
                f"temperature {temperature} > 0, top_p {top_p} in (0, 1], max_tokens {max_tokens}"
                f" and batch_size {batch_size} at least 1 wanted"
            )
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(source, revision=revision)
            model = AutoModelForSeq2SeqLM.from_pretrained(source, revision=revision)
        except (OSError, ValueError, ImportError) as error:
            first = str(error).strip().splitlines()[0]
            raise BadInputError(
                f"{source}: no text-to-text model can be loaded: {first}"
            ) from error
        self._model = model.to(device).eval()
        self._settings = (prefix, temperature, top_p, max_tokens)
        self.batch_size = batch_size
        self.identity = _identity(model, self._tokenizer, self._settings)

    def write(self, texts: Sequence[str], seeds: Sequence[int]) -> list[Written]:
        """One sample for each text, each from its own seed; texts of similar length together."""
        prefix, _, _, limit = self._settings
        ids = [self._tokenizer(prefix + text)["input_ids"] for text in texts]
        found = [Written("", "too long")] * len(texts)
        order = sorted(
            (i for i in range(len(ids)) if len(ids[i]) <= limit), key=lambda i: len(ids[i])
        )
        for start in range(0, len(order), self.batch_size):
            at = order[start : start + self.batch_size]
            rows = self._batch([ids[i] for i in at], [seeds[i] for i in at])
            for i, written in zip(at, rows, strict=True):
                found[i] = written
        return found

    def _batch(self, ids: Sequence[Sequence[int]], seeds: Sequence[int]) -> list[Written]:
        _, temperature, top_p, limit = self._settings
        batch = self._tokenizer.pad({"input_ids": [list(row) for row in ids]}, return_tensors="pt")
        noise = LogitsProcessorList([_RowNoise(seeds, temperature, top_p)])
        with torch.inference_mode():
            rows = self._model.generate(
                input_ids=batch["input_ids"].to(self._model.device),
                attention_mask=batch["attention_mask"].to(self._model.device),
                do_sample=False,
                num_beams=1,
                max_new_tokens=limit,
                logits_processor=noise,
            ).cpu()
        ends = self._model.generation_config.eos_token_id
        ends = set(ends) if isinstance(ends, list) else {ends}
        texts = self._tokenizer.batch_decode(rows, skip_special_tokens=True)
        return [
            _written(text.strip(), bool(ends & set(row.tolist()[1:])))
            for text, row in zip(texts, rows, strict=True)
        ]


def _written(text: str, ended: bool) -> Written:
    if not ended:
        return Written("", "cut short")
    return Written(text, None if text else "empty")


def _identity(model: Any, tokenizer: Any, settings: tuple[object, ...]) -> str:
    """A hash of the weights, the tokenizer and the settings: another model, another identity."""
    digest = hashlib.sha256(repr(settings).encode())
    digest.update(repr(sorted(tokenizer.get_vocab().items())).encode())
    digest.update(model.config.to_json_string().encode())
    for name, value in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(value.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    return digest.hexdigest()
