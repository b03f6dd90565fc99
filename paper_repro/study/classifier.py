"""Texts to logits, for every task and every model: how an input is laid out, and what reads it.

An input is one sequence of tokens, or one for each of its options. In the second case the model
gives every option one number, and the logits of an option that an input does not have are ``-inf``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PreTrainedTokenizerBase,
    logging,
)

from paper_repro.bad_input import BadInputError
from paper_repro.config import Recipe
from paper_repro.encoder import Encoder, Tokens
from paper_repro.examples import Texts
from paper_repro.objective import LABELS, VIEWS

Laid = tuple[Tokens, ...]
"""An input as token sequences: one, or one for each option."""


class OptionScorer(nn.Module):
    """A model of one number for each sequence, made into one of logits over options.

    Takes tensors ``(B, O, T)``; an option that does not exist has an attention mask of zeros.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def get_input_embeddings(self) -> nn.Module:
        """The embedding of tokens, for attacks on it."""
        found: nn.Module = self.model.get_input_embeddings()  # type: ignore[operator]
        return found

    def forward(self, attention_mask: Tensor, **tensors: Tensor) -> Any:
        """Logits ``(B, O)``, under ``.logits``."""
        here = attention_mask.any(-1)
        kept = {name: t[here] for name, t in tensors.items()}
        scores = self.model(attention_mask=attention_mask[here], **kept).logits.squeeze(-1)
        logits = scores.new_full(here.shape, -torch.inf).masked_scatter(here, scores)
        return SimpleNamespace(logits=logits)


@dataclass
class Classifier:
    """A model with its layout of inputs.

    Attributes:
        name: of the architecture.
        model: maps tensors ``(B, T)``, or ``(B, O, T)``, to an output with ``logits`` ``(B, V)``.
        lay: inputs as token sequences.
        pad: the id of padding.
        by_option: whether an input is one sequence for each option.
        typed: whether the model reads token types.
        tokenizer: of a pretrained model.
    """

    name: str
    model: nn.Module
    lay: Callable[[Sequence[Texts]], list[Laid]]
    pad: int
    by_option: bool
    typed: bool = True
    tokenizer: PreTrainedTokenizerBase | None = None

    def tensors(self, laid: Sequence[Laid]) -> dict[str, Tensor]:
        """``input_ids``, ``attention_mask`` and, if they are read, ``token_type_ids``, padded."""
        options = max(len(one) for one in laid)
        length = max(len(t.ids) for one in laid for t in one)
        ids = torch.full((len(laid), options, length), self.pad)
        seen, types = torch.zeros_like(ids), torch.zeros_like(ids)
        for i, one in enumerate(laid):
            for j, tokens in enumerate(one):
                n = len(tokens.ids)
                ids[i, j, :n] = torch.tensor(tokens.ids)
                types[i, j, :n] = torch.tensor(tokens.types)
                seen[i, j, :n] = 1
        found = {"input_ids": ids, "attention_mask": seen}
        if self.typed:
            found["token_type_ids"] = types
        return found if self.by_option else {name: t.squeeze(1) for name, t in found.items()}

    def batch(
        self, clean: Sequence[Laid], views: Sequence[Sequence[Laid]], labels: Sequence[int]
    ) -> dict[str, Any]:
        """A training batch as an objective reads it; ``views`` is empty where none are wanted."""
        batch: dict[str, Any] = {}
        if views:
            k = len(views[0])
            both = self.tensors([*clean, *(one for row in views for one in row)])
            batch = {name: t[: len(clean)] for name, t in both.items()}
            batch[VIEWS] = {
                name: t[len(clean) :].reshape(len(clean), k, *t.shape[1:])
                for name, t in both.items()
            }
        else:
            batch = dict(self.tensors(clean))
        batch[LABELS] = torch.tensor(labels)
        return batch

    def logits(
        self, laid: Sequence[Laid], *, tokens_at_once: int = 8192, advance: Callable[[int], None]
    ) -> Tensor:
        """Logits of every input in the model's present mode, ``(N, V)`` float32, no gradient.

        The batches are a function of the inputs alone: sorted by length, filled up to
        ``tokens_at_once``. Equal inputs are passed once.
        """
        places: dict[Any, list[int]] = {}
        for i, one in enumerate(laid):
            places.setdefault(tuple((tuple(t.ids), tuple(t.types)) for t in one), []).append(i)
        distinct = sorted(places.values(), key=lambda at: (_size(laid[at[0]]), at[0]))
        widest = max(len(one) for one in laid) if self.by_option else 0
        rows: list[Tensor] = [torch.empty(0)] * len(laid)
        with torch.no_grad():
            for batch in _filled([laid[at[0]] for at in distinct], tokens_at_once):
                found = self.model(**self.tensors([laid[distinct[i][0]] for i in batch])).logits
                found = found.float().cpu()
                short = max(0, widest - found.shape[-1])
                found = nn.functional.pad(found, (0, short), value=-torch.inf)
                for i, row in zip(batch, found, strict=True):
                    for place in distinct[i]:
                        rows[place] = row
                advance(sum(len(distinct[i]) for i in batch))
        return torch.stack(rows)


def _size(one: Laid) -> int:
    return len(one) * max(len(t.ids) for t in one)


def _filled(laid: Sequence[Laid], budget: int) -> list[list[int]]:
    """Consecutive places, as many at once as the budget of padded tokens allows, one at least."""
    batches: list[list[int]] = []
    options = length = 0
    for i, one in enumerate(laid):
        wide, long = max(options, len(one)), max(length, max(len(t.ids) for t in one))
        if batches and (len(batches[-1]) + 1) * wide * long <= budget:
            batches[-1].append(i)
            options, length = wide, long
        else:
            batches.append([i])
            options, length = len(one), max(len(t.ids) for t in one)
    return batches


def _pairs(texts: Texts) -> list[Texts]:
    """A question with each of its options: what is asked stands last, as a hypothesis does."""
    return [(option, texts[0]) for option in texts[1:]]


def from_config(
    corpus: Sequence[Texts], labels: int | None, recipe: Recipe, seed: int
) -> Classifier:
    """A small transformer with a tokenizer of its own; ``labels`` None scores options."""
    if labels is not None:
        encoder = Encoder(corpus, labels, recipe, seed)

        def plain(inputs: Sequence[Texts]) -> list[Laid]:
            return [(t,) for t in encoder.tokens(inputs)]

        return Classifier(encoder.name, encoder.model, plain, 0, by_option=False)
    scorer = Encoder([pair for texts in corpus for pair in _pairs(texts)], 1, recipe, seed)

    def by_option(inputs: Sequence[Texts]) -> list[Laid]:
        flat = iter(scorer.tokens([pair for texts in inputs for pair in _pairs(texts)]))
        return [tuple(next(flat) for _ in texts[1:]) for texts in inputs]

    return Classifier(scorer.name, OptionScorer(scorer.model), by_option, 0, by_option=True)


def pretrained(
    source: str | Path,
    labels: int | None,
    seed: int,
    *,
    max_tokens: int,
    revision: str | None = None,
) -> Classifier:
    """A pretrained encoder from a local folder or the hub, with a new classification head.

    Raises:
        BadInputError: no such model, or one without a padding token.
    """
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # a new head is no news
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, revision=revision)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model = AutoModelForSequenceClassification.from_pretrained(
                source, num_labels=labels or 1, revision=revision
            )
    except (OSError, ValueError) as error:
        first = str(error).strip().splitlines()[0]
        raise BadInputError(f"{source}: no classifier can be made of it: {first}") from error
    if tokenizer.pad_token_id is None:
        raise BadInputError(f"{source}: its tokenizer has no padding token")

    def tokens(inputs: Sequence[Texts]) -> list[Tokens]:
        parts = [list(column) for column in zip(*inputs, strict=True)]
        found: Mapping[str, Any] = tokenizer(
            *parts, truncation="longest_first", max_length=max_tokens, return_token_type_ids=True
        )
        return [
            Tokens(a, b) for a, b in zip(found["input_ids"], found["token_type_ids"], strict=True)
        ]

    def plain(inputs: Sequence[Texts]) -> list[Laid]:
        return [(t,) for t in tokens(inputs)]

    def by_option(inputs: Sequence[Texts]) -> list[Laid]:
        flat = iter(tokens([pair for texts in inputs for pair in _pairs(texts)]))
        return [tuple(next(flat) for _ in texts[1:]) for texts in inputs]

    name = f"{model.config.model_type}-{model.config.num_hidden_layers}x{model.config.hidden_size}"
    typed = "token_type_ids" in inspect.signature(model.forward).parameters
    options = labels is None
    return Classifier(
        name, OptionScorer(model) if options else model, by_option if options else plain,
        tokenizer.pad_token_id, by_option=options, typed=typed, tokenizer=tokenizer,
    )  # fmt: skip
