"""A real tokenizer and a real encoder, small enough to train in a test."""

from __future__ import annotations

import random
from typing import Any

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

WORDS = ["red", "crimson", "blue", "navy", "green", "dog", "cat", "runs", "sleeps", "the", "a"]
SAME = {"red": "crimson", "crimson": "red", "blue": "navy", "navy": "blue", "the": "a", "a": "the"}


def tokenizer() -> PreTrainedTokenizerFast:
    vocabulary = {word: i for i, word in enumerate(["[PAD]", "[UNK]", *WORDS])}
    words = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    words.pre_tokenizer = Whitespace()
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # transformers
        tokenizer_object=words, pad_token="[PAD]", unk_token="[UNK]", padding_side="right"
    )


def model(*, dropout: float = 0.0, seed: int = 0) -> BertForSequenceClassification:
    config = BertConfig(
        vocab_size=2 + len(WORDS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=0.0,
        max_position_embeddings=16,
        pad_token_id=0,
        initializer_range=0.5,  # outputs far from uniform, and moved by a perturbation
    )
    config.num_labels = 3
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return BertForSequenceClassification(config)


def features(n: int, k: int, seed: int = 0) -> list[dict[str, Any]]:
    """Sentences of three to six words, labelled by colour, with K synonym edits each."""
    rng, words = random.Random(seed), tokenizer()
    found = []
    for _ in range(n):
        colour = rng.choice(WORDS[:5])
        rest = [rng.choice(WORDS[5:]) for _ in range(rng.randrange(2, 6))]
        sentence = [*rest[:1], colour, *rest[1:]]
        views = [[SAME.get(w, w) if rng.random() < 0.5 else w for w in sentence] for _ in range(k)]
        row: dict[str, Any] = dict(words(" ".join(sentence)))
        row["labels"] = WORDS.index(colour) // 2
        row["views"] = [dict(words(" ".join(view))) for view in views]
        found.append(row)
    return found
