"""The encoder: reproducible, blind to padding, and exact about whose word a token is."""

from __future__ import annotations

import copy
import dataclasses
import random
from functools import cache

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from paper_repro.config import Recipe
from paper_repro.encoder import CLS, MASK, PAD, SEP, UNKNOWN, Encoder, Tokens
from paper_repro.examples import Texts

RECIPE = Recipe(
    epochs=1,
    learning_rate=1e-3,
    batch_size=8,
    vocabulary=60,
    max_tokens=16,
    width=16,
    layers=2,
    heads=2,
    dropout=0.1,
    word_dropout=0.0,
)
VOCABULARY = ["rain", "raining", "storm", "dog", "dogs", "runs", "a", "Tall", "man", "2024", "zq"]
CORPUS = [(f"{one} {two}.",) for one in VOCABULARY[:-1] for two in VOCABULARY[:-1]]
WORDS = st.sampled_from([*VOCABULARY, "DOG", "Rain", ".", "!"])
SENTENCES = st.lists(WORDS, max_size=20).map(" ".join)
SHORT = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
SINGLES = st.lists(SENTENCES.map(lambda t: (t,)), min_size=1, max_size=5)
PAIRS = st.lists(st.tuples(SENTENCES, SENTENCES), min_size=1, max_size=5)
MIXED = SINGLES | PAIRS
SPECIAL = (PAD, CLS, SEP)


pytestmark = pytest.mark.usefixtures("one_thread")


@cache
def encoder() -> Encoder:
    """One encoder for the tests that change nothing, with weights far from 0: then logits vary."""
    made = Encoder(CORPUS, 3, RECIPE, seed=0)
    made.model.train(False)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in made.model.parameters():
            weight.add_(torch.randn(weight.shape, generator=generator), alpha=0.3)
    return made


def logits(made: Encoder, batch: list[Tokens]) -> torch.Tensor:
    with torch.inference_mode():
        return made.logits(batch)


def pieces(word: str) -> list[int]:
    """The tokens of one word on its own: WordPiece looks at no other."""
    return list(encoder().tokenizer.encode(word).ids)


def test_the_seed_determines_the_weights_and_the_random_state_is_left_alone() -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    one = Encoder(CORPUS, 3, RECIPE, seed=1).model.state_dict()
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(6)
    same = Encoder(CORPUS, 3, RECIPE, seed=1).model.state_dict()
    other = Encoder(CORPUS, 3, RECIPE, seed=2).model.state_dict()
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["classifier.weight"], other["classifier.weight"])


@settings(max_examples=10)
@given(st.randoms(use_true_random=False))
def test_the_vocabulary_depends_on_the_texts_not_on_their_order_or_number(
    rng: random.Random,
) -> None:
    shuffled = [*CORPUS, *CORPUS[:7]]
    rng.shuffle(shuffled)
    made = Encoder(shuffled, 3, RECIPE, seed=0)
    assert made.tokenizer.get_vocab() == encoder().tokenizer.get_vocab()


def test_the_recipe_shapes_the_model() -> None:
    recipe = dataclasses.replace(RECIPE, width=24, heads=3, layers=1, dropout=0.25)
    made = Encoder(CORPUS, 5, recipe, seed=0)
    config = made.model.config
    assert (config.hidden_size, config.num_attention_heads, config.num_hidden_layers) == (24, 3, 1)
    assert (config.hidden_dropout_prob, config.classifier_dropout) == (0.25, 0.25)
    assert made.name == "bert-1x24"
    assert logits(made, made.tokens(CORPUS[:2])).shape == (2, 5)
    assert 5 < config.vocab_size <= RECIPE.vocabulary


def test_special_tokens_have_the_ids_of_the_constants() -> None:
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    ids = [encoder().tokenizer.token_to_id(name) for name in names]
    assert ids == [PAD, UNKNOWN, CLS, SEP, MASK]


@given(MIXED)
def test_tokens_fit_the_model_and_stand_between_marks(inputs: list[Texts]) -> None:
    rows = encoder().tokens(inputs)
    assert len(rows) == len(inputs)
    for row, texts in zip(rows, inputs, strict=True):
        assert len(row.ids) == len(row.types) <= RECIPE.max_tokens
        assert row.ids[0] == CLS
        assert row.ids[-1] == SEP
        assert row.ids.count(CLS) == 1
        assert row.ids.count(SEP) == len(texts)


@given(SINGLES)
def test_a_single_text_is_its_words_up_to_the_limit(inputs: list[Texts]) -> None:
    for row, (text,) in zip(encoder().tokens(inputs), inputs, strict=True):
        whole = [i for word in text.split() for i in pieces(word)]
        assert row.ids == [CLS, *whole[: RECIPE.max_tokens - 2], SEP]
        assert set(row.types) == {0}


@given(PAIRS)
def test_types_of_a_pair_name_the_text_and_mark_the_words_in_both(inputs: list[Texts]) -> None:
    for row, (premise, hypothesis) in zip(encoder().tokens(inputs), inputs, strict=True):
        words = [text.lower().split() for text in (premise, hypothesis)]
        marked = [
            [(i, 2 * is_premise + (w in words[is_premise])) for w in part for i in pieces(w)]
            for is_premise, part in ((0, words[1]), (1, words[0]))
        ]
        at = row.ids.index(SEP)
        got = list(zip(row.ids, row.types, strict=True))
        assert got[0] == (CLS, 0)
        assert got[1:at] == marked[0][: at - 1]
        assert got[at] == (SEP, 0)
        assert got[at + 1 : -1] == marked[1][: len(got) - at - 2]
        assert got[-1] == (SEP, 2)
        # What was cut, was cut for want of room.
        if len(got) - at - 2 < len(marked[1]):
            assert len(got) == RECIPE.max_tokens


def test_overlap_is_told_by_whole_words_whatever_their_case() -> None:
    ((ids, types),) = encoder().tokens([("Rain DOG", "raining dog")])
    assert ids[1] == pieces("raining")[0]
    assert types[1 : ids.index(SEP)] == [0] * len(pieces("raining")) + [1] * len(pieces("dog"))
    assert types[ids.index(SEP) + 1 : -1] == [2] * len(pieces("rain")) + [3] * len(pieces("dog"))


@given(SHORT, SENTENCES, st.integers(0, 40))
def test_a_long_premise_never_cuts_the_hypothesis(hypothesis: str, premise: str, n: int) -> None:
    """The hypothesis may take half of the room; up to there it is whole, beside any premise."""
    long = f"{premise} {'storm ' * n}"
    wanted = [i for word in hypothesis.split() for i in pieces(word)][: RECIPE.max_tokens // 2 - 2]
    for row in encoder().tokens([(premise, hypothesis), (long, hypothesis)]):
        assert row.ids[1 : row.ids.index(SEP)] == wanted


def path_error(dtype: torch.dtype) -> float:
    """How far two orders of summation may part in the logits of ``encoder()``.

    A path through the model has, per layer, reductions over seven widths (four projections, one in
    and one twice as wide out of the feed-forward part) and twice over the tokens; the head adds two
    more. Each errs by at most its length in half-ulps of terms that LayerNorm keeps near 1; a
    factor 4 covers the size of this encoder's weights.
    """
    lengths = RECIPE.layers * (7 * RECIPE.width + 2 * RECIPE.max_tokens) + 2 * RECIPE.width
    return 4 * lengths * torch.finfo(dtype).eps


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@settings(max_examples=25)
@given(inputs=MIXED)
def test_a_row_has_the_logits_it_has_alone_whatever_stands_beside_it(
    dtype: torch.dtype, inputs: list[Texts]
) -> None:
    """Padding adds exact zeros: only the order of the sums may differ."""
    made = encoder()
    if dtype == torch.float64:
        made = copy.deepcopy(made)
        made.model.double()
    rows = made.tokens([*inputs, tuple(["storm " * 20] * len(inputs[0]))])
    together = logits(made, rows)
    for i, row in enumerate(rows):
        alone = logits(made, [row])[0]
        assert alone.dtype == dtype
        assert float((together[i] - alone).abs().max()) <= path_error(dtype)


@given(MIXED)
def test_a_token_type_and_a_token_each_matter(inputs: list[Texts]) -> None:
    made = encoder()
    for row in made.tokens(inputs):
        flipped = Tokens(row.ids, [row.types[0] ^ 1, *row.types[1:]])
        swapped = Tokens([row.ids[0], *[UNKNOWN] * (len(row.ids) - 2), SEP], row.types)
        both = logits(made, [row, flipped, swapped])
        assert float((both[0] - both[1]).abs().max()) > 1e-3
        assert row.ids == swapped.ids or float((both[0] - both[2]).abs().max()) > 1e-3


def hidden_by_hand(row: Tokens, hide: list[bool]) -> Tokens:
    kept = [*SPECIAL, UNKNOWN, MASK]
    ids = [MASK if h and i not in kept else i for i, h in zip(row.ids, hide, strict=False)]
    return Tokens(ids, row.types)


@given(MIXED, st.data())
def test_hiding_puts_the_mask_in_place_of_words_alone(
    inputs: list[Texts], data: st.DataObject
) -> None:
    made = encoder()
    rows = made.tokens(inputs)
    length = max(len(row.ids) for row in rows)
    wide = length + data.draw(st.integers(0, 2))
    marks = st.lists(st.booleans(), min_size=wide, max_size=wide)
    hide = [data.draw(marks, label="hide") for _ in rows]
    with torch.inference_mode():
        hidden = made.logits(rows, mask=torch.tensor(hide))
    by_hand = [hidden_by_hand(row, h) for row, h in zip(rows, hide, strict=True)]
    assert torch.equal(hidden, logits(made, by_hand))


@given(MIXED)
def test_hiding_special_tokens_and_padding_changes_nothing(inputs: list[Texts]) -> None:
    made = encoder()
    rows = made.tokens(inputs)
    length = max(len(row.ids) for row in rows)
    special = [[i in SPECIAL for i in r.ids] + [True] * (length - len(r.ids)) for r in rows]
    with torch.inference_mode():
        assert torch.equal(made.logits(rows, mask=torch.tensor(special)), logits(made, rows))


@pytest.mark.parametrize("texts", [("",), ("", ""), ("a", ""), ("", "a"), ("\u00e9\u4e2d!",)])
def test_unusual_texts_have_finite_logits(texts: Texts) -> None:
    rows = encoder().tokens([texts])
    assert bool(logits(encoder(), rows).isfinite().all())


def test_no_inputs_are_no_tokens() -> None:
    assert encoder().tokens([]) == []
