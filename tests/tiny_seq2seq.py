"""A text-to-text model of a few thousand random weights, saved as a folder with its tokenizer."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from transformers import (
    MarianConfig,
    MarianMTModel,
    PreTrainedTokenizerFast,
    T5Config,
    T5ForConditionalGeneration,
)

WORDS = "a man rides the red bike in rain and snow while two dogs sleep".split()  # noqa: SIM905
_PAD, _END, _UNKNOWN = "<pad>", "</s>", "<unk>"


def save_tokenizer(folder: Path) -> int:
    """A tokenizer of ``WORDS``; the number of its tokens."""
    vocabulary = {word: i for i, word in enumerate([_PAD, _END, _UNKNOWN, *WORDS])}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token=_UNKNOWN))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(single=f"$A {_END}", special_tokens=[(_END, 1)])
    saved = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # the library leaves it untyped
        tokenizer_object=tokenizer, pad_token=_PAD, eos_token=_END, unk_token=_UNKNOWN
    )
    saved.save_pretrained(folder)
    return len(vocabulary)


def save_t5(folder: Path, seed: int = 0) -> Path:
    """A random T5 that ends its texts now and then."""
    n = save_tokenizer(folder)
    config = T5Config(
        vocab_size=n, d_model=16, d_kv=8, d_ff=16, num_layers=1, num_heads=2, pad_token_id=0,
        eos_token_id=1,
    )  # fmt: skip
    config.decoder_start_token_id = 0
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        T5ForConditionalGeneration(config).save_pretrained(folder)
    return folder


def save_marian(folder: Path, seed: int = 0) -> Path:
    """A random Marian model, the kind that translates."""
    n = save_tokenizer(folder)
    config = MarianConfig(
        vocab_size=n, d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=16, decoder_ffn_dim=16, pad_token_id=0,
        eos_token_id=1, decoder_start_token_id=0, max_position_embeddings=64,
        forced_eos_token_id=None,
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        MarianMTModel(config).save_pretrained(folder)
    return folder
