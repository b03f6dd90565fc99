"""A small transformer with its own tokenizer, built from a ``transformers`` config.

For a pair of texts the token types say which text a token stands in and whether its word occurs in
the other one: four types. The hypothesis comes first; it may take up half of the length, and the
premise what is left.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
from tokenizers import Encoding, Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.trainers import WordPieceTrainer
from torch import Tensor
from transformers import BertConfig, BertForSequenceClassification

from paper_repro.config import Recipe
from paper_repro.examples import Texts

_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PAD, UNKNOWN, CLS, SEP, MASK = range(5)
_CHUNK = 4096
"""Texts tokenised at once: their full encodings are much larger than the ids that are kept."""


class Tokens(NamedTuple):
    """One input as token ids and token types."""

    ids: list[int]
    types: list[int]


def _train_tokenizer(corpus: Iterable[Texts], vocabulary: int) -> Tokenizer:
    """WordPiece on the texts, the same for the same set of texts.

    The trainer numbers continuation letters in the order of a hash table, on which ties between
    merges then depend; naming them beforehand, sorted, fixes both.
    """
    texts = sorted({text for entry in corpus for text in entry})
    fold = BertNormalizer(lowercase=True)
    letters = sorted({c for text in texts for c in fold.normalize_str(text) if not c.isspace()})
    trainer = WordPieceTrainer(
        vocab_size=vocabulary,
        special_tokens=[*_SPECIAL, *(f"##{c}" for c in letters)],
        show_progress=False,
    )
    trained = _empty(WordPiece(unk_token="[UNK]"))
    trained.train_from_iterator(texts, trainer)
    return _empty(WordPiece(vocab=trained.get_vocab(), unk_token="[UNK]"))


def _empty(model: WordPiece) -> Tokenizer:
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    return tokenizer


def _folded(word: str) -> str:
    """Lower case without accents, as the tokenizer reads it."""
    if word.isascii():
        return word.lower()
    parts = unicodedata.normalize("NFD", word.lower())
    return "".join(c for c in parts if unicodedata.category(c) != "Mn")


def _words(encoding: Encoding, text: str) -> list[str]:
    """For each token, the folded word that it is a piece of."""
    span: dict[int | None, tuple[int, int]] = {}
    for word, (start, end) in zip(encoding.word_ids, encoding.offsets, strict=True):
        low, high = span.get(word, (start, end))
        span[word] = (min(low, start), max(high, end))
    return [_folded(text[slice(*span[word])]) for word in encoding.word_ids]


class Encoder:
    """Tokenizer and classifier of one task.

    Attributes:
        tokenizer: WordPiece, lower-casing, trained on the training texts.
        model: ``BertForSequenceClassification`` from a config, randomly initialised.
    """

    def __init__(self, corpus: Iterable[Texts], n_labels: int, recipe: Recipe, seed: int) -> None:
        self.max_tokens = recipe.max_tokens
        self.tokenizer = _train_tokenizer(corpus, recipe.vocabulary)
        config = BertConfig(
            vocab_size=self.tokenizer.get_vocab_size(),
            hidden_size=recipe.width,
            num_hidden_layers=recipe.layers,
            num_attention_heads=recipe.heads,
            intermediate_size=2 * recipe.width,
            hidden_dropout_prob=recipe.dropout,
            attention_probs_dropout_prob=0.0,
            classifier_dropout=recipe.dropout,
            max_position_embeddings=recipe.max_tokens,
            type_vocab_size=4,
            pad_token_id=PAD,
        )
        config.num_labels = n_labels
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.model = BertForSequenceClassification(config)

    @property
    def name(self) -> str:
        """A short name of the architecture, such as ``bert-2x128``."""
        config = self.model.config
        return f"bert-{config.num_hidden_layers}x{config.hidden_size}"

    def tokens(self, inputs: Sequence[Texts]) -> list[Tokens]:
        """Tokenise inputs of one text or two."""
        found: list[Tokens] = []
        for start in range(0, len(inputs), _CHUNK):
            found += self._tokens(inputs[start : start + _CHUNK])
        return found

    def _tokens(self, inputs: Sequence[Texts]) -> list[Tokens]:
        parts = [self.tokenizer.encode_batch([t[i] for t in inputs]) for i in range(len(inputs[0]))]
        if len(parts) == 1:
            room = self.max_tokens - 2
            rows = ([CLS, *e.ids[:room], SEP] for e in parts[0])
            return [Tokens(ids, [0] * len(ids)) for ids in rows]
        return [
            self._pair(texts, premise, hypothesis)
            for texts, premise, hypothesis in zip(inputs, *parts, strict=True)
        ]

    def _pair(self, texts: Texts, premise: Encoding, hypothesis: Encoding) -> Tokens:
        first = hypothesis.ids[: self.max_tokens // 2 - 2]
        second = premise.ids[: self.max_tokens - 3 - len(first)]
        premise_words, hypothesis_words = _words(premise, texts[0]), _words(hypothesis, texts[1])
        in_premise, in_hypothesis = set(premise_words), set(hypothesis_words)
        first_types = [int(w in in_premise) for w in hypothesis_words[: len(first)]]
        second_types = [2 + int(w in in_hypothesis) for w in premise_words[: len(second)]]
        return Tokens([CLS, *first, SEP, *second, SEP], [0, *first_types, 0, *second_types, 2])

    def logits(self, batch: Sequence[Tokens], *, mask: Tensor | None = None) -> Tensor:
        """Logits of a batch, ``(B, V)``; where ``mask(B, T)`` is True a token is hidden."""
        length = max(len(t.ids) for t in batch)
        ids = torch.tensor([t.ids + [PAD] * (length - len(t.ids)) for t in batch])
        types = torch.tensor([t.types + [0] * (length - len(t.types)) for t in batch])
        seen = ids != PAD
        if mask is not None:
            ids = torch.where(mask[:, :length] & (ids > MASK), MASK, ids)
        out = self.model(input_ids=ids, attention_mask=seen.long(), token_type_ids=types)
        logits: Tensor = out.logits
        return logits
