"""Standard training and SUA-TR (Algorithm 5.6) as one explicit loop.

The losses are those of :mod:`sua_gpu`. In SUA-TR the K perturbed passes run in one batch without
gradients or dropout: the consistency loss stops the gradient on the perturbed side, as the text
names it, and the alignment loss is differentiated through the clean output alone, a choice that the
text leaves open.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from paper_repro.config import Config, Recipe
from paper_repro.encoder import Encoder, Tokens
from paper_repro.examples import Split
from paper_repro.perturbations.edits import Perturbation
from sua_gpu import sua_tr_loss_from_logits, task_loss_from_logits

METHODS = ("standard", "sua_tr")
Advance = Callable[[int], None]
"""Told how many examples were done."""


def _batches(tokens: Sequence[Tokens], size: int, rng: random.Random) -> Iterator[list[int]]:
    """Shuffled batches of inputs of similar length: little padding, random order."""
    order = list(range(len(tokens)))
    rng.shuffle(order)
    batches = []
    for start in range(0, len(order), 50 * size):
        near = sorted(order[start : start + 50 * size], key=lambda i: len(tokens[i].ids))
        batches += [near[i : i + size] for i in range(0, len(near), size)]
    rng.shuffle(batches)
    yield from batches


def _draw_views(
    encoder: Encoder, split: Split, edits: Perturbation, k: int, rng: random.Random
) -> list[list[Tokens]]:
    """K fresh perturbations of every training input, tokenised."""
    drawn = [edits.perturb(e.texts, rng).texts for e in split.examples for _ in range(k)]
    flat = encoder.tokens(drawn)
    return [flat[i : i + k] for i in range(0, len(flat), k)]


def train(
    encoder: Encoder,
    split: Split,
    recipe: Recipe,
    config: Config,
    edits: Perturbation,
    *,
    method: str,
    advance: Advance = lambda _: None,
) -> None:
    """Train ``encoder`` in place.

    Args:
        encoder: freshly built.
        split: the training rows.
        recipe: how to train.
        config: k, lambda, the loss weights, the divergence and the seed.
        edits: the perturbation distribution, used by ``"sua_tr"`` alone.
        method: ``"standard"`` (L_task alone) or ``"sua_tr"`` (equation 15).
        advance: told the number of examples after each step.

    Raises:
        ValueError: ``method`` is unknown.
    """
    if method not in METHODS:
        raise ValueError(f"method: {method!r} is none of {', '.join(METHODS)}")
    rng = random.Random(f"train-{method}-{config.seed}")
    noise = torch.Generator().manual_seed(rng.randrange(2**31))
    tokens = encoder.tokens([e.texts for e in split.examples])
    labels = torch.tensor(split.labels)
    optimiser = torch.optim.AdamW(
        encoder.model.parameters(), lr=recipe.learning_rate, weight_decay=0.01, fused=True
    )
    steps = recipe.epochs * math.ceil(len(tokens) / recipe.batch_size)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, steps))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(rng.randrange(2**31))  # dropout draws from the global generator
        encoder.model.train()
        for _ in range(recipe.epochs):
            views = _draw_views(encoder, split, edits, config.k, rng) if method == "sua_tr" else []
            for batch in _batches(tokens, recipe.batch_size, rng):
                clean = [tokens[i] for i in batch]
                hidden = _hide(clean, recipe.word_dropout, noise)
                logits = encoder.logits(clean, mask=hidden)
                if method == "standard":
                    loss = task_loss_from_logits(logits, labels[batch], validate=False)
                else:
                    loss = sua_tr_loss_from_logits(
                        logits,
                        _perturbed_logits(encoder, [views[i] for i in batch]),
                        labels[batch],
                        lam=config.lam,
                        a=config.a,
                        b=config.b,
                        divergence=config.divergence,
                        stop_gradient="perturbed",
                        validate=False,
                    )
                optimiser.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
                torch.nn.utils.clip_grad_norm_(encoder.model.parameters(), 1.0)
                optimiser.step()
                schedule.step()
                advance(len(batch))
        encoder.model.train(False)


def _rate(step: int, steps: int) -> float:
    """Linear warm-up over a tenth of the steps, then a cosine to 0."""
    warm = max(1, steps // 10)
    if step < warm:
        return (step + 1) / warm
    return 0.5 + 0.5 * math.cos(math.pi * (step - warm) / max(1, steps - warm))


def _hide(batch: Sequence[Tokens], share: float, noise: torch.Generator) -> Tensor | None:
    if share == 0:
        return None
    length = max(len(t.ids) for t in batch)
    return torch.rand((len(batch), length), generator=noise) < share


def _perturbed_logits(encoder: Encoder, views: Sequence[Sequence[Tokens]]) -> Tensor:
    """``(B, K, V)`` logits of K perturbations per input: one batch, no gradient, no dropout. Equal
    perturbations, of which a small perturbation set draws many, are passed once."""
    keys = [(tuple(view.ids), tuple(view.types)) for row in views for view in row]
    distinct = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    encoder.model.train(False)
    with torch.no_grad():
        once = encoder.logits([Tokens(list(ids), list(types)) for ids, types in distinct])
    encoder.model.train(True)
    flat = once[[distinct[key] for key in keys]]
    return flat.reshape(len(views), len(views[0]), -1)
