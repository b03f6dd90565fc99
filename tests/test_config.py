"""Configurations: what a file may change, what is refused, and how the refusal reads."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paper_repro.bad_input import BadInputError
from paper_repro.config import RECIPES, Config, Recipe, load_config
from sua_ref import DIVERGENCES

POSITIVE = st.floats(1e-3, 10)
WEIGHTS = st.just(0.0) | POSITIVE
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "k": st.integers(1, 50),
    "lam": POSITIVE,
    "a": WEIGHTS,
    "b": WEIGHTS,
    "divergence": st.sampled_from(DIVERGENCES),
    "edit_rate": st.floats(1e-3, 1),
    "bootstrap": st.integers(1, 5000),
}
RECIPE_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "epochs": st.integers(1, 20),
    "learning_rate": POSITIVE,
    "batch_size": st.integers(1, 512),
    "vocabulary": st.integers(100, 9000),
    "max_tokens": st.integers(16, 512),
    "width": st.sampled_from([64, 128, 256]),
    "layers": st.integers(1, 4),
    "heads": st.sampled_from([1, 2, 4, 8]),
    "dropout": st.floats(0, 0.9),
    "word_dropout": st.floats(0, 0.9),
}
COUNTS = ("k", "bootstrap")
RECIPE_COUNTS = ("epochs", "batch_size", "vocabulary", "max_tokens", "width", "layers", "heads")


def toml(values: dict[str, Any]) -> str:
    """``values`` as lines of TOML: Python writes the numbers alike, and quoted text."""
    lines = []
    for name, value in values.items():
        word = str(value).lower() if isinstance(value, bool) else repr(value)
        lines.append(f"{name} = {word}\n")
    return "".join(lines)


def loaded(text: str) -> Config:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.toml"
        path.write_text(text, encoding="utf-8")
        return load_config(path, tasks=("topic", "nli"), seed=7)


def refusal(text: str) -> str:
    with pytest.raises(BadInputError) as caught:
        loaded(text)
    return str(caught.value)


def some(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


def test_the_strategies_of_this_file_name_every_field() -> None:
    assert set(FIELDS) | {"tasks", "seed", "recipes"} == {
        f.name for f in dataclasses.fields(Config)
    }
    assert set(RECIPE_FIELDS) == {f.name for f in dataclasses.fields(Recipe)}


def test_without_a_file_the_defaults_stand() -> None:
    config = load_config(None, tasks=("world_qa",), seed=3)
    assert (config.tasks, config.seed, config.recipes) == (("world_qa",), 3, RECIPES)
    assert (config.k, config.lam, config.a, config.b) == (5, 1.0, 1.0, 1.0)
    assert (config.divergence, config.edit_rate, config.bootstrap) == ("jsd", 0.1, 1000)


@given(some(FIELDS))
def test_a_file_changes_the_fields_it_names_and_no_other(changes: dict[str, Any]) -> None:
    default = load_config(None, tasks=("topic", "nli"), seed=7)
    config = loaded(toml(changes))
    for field in dataclasses.fields(Config):
        wanted = changes.get(field.name, getattr(default, field.name))
        assert getattr(config, field.name) == wanted
        assert type(getattr(config, field.name)) is type(getattr(default, field.name))


@given(st.dictionaries(st.sampled_from(sorted(RECIPES)), some(RECIPE_FIELDS)), some(FIELDS))
def test_a_table_changes_the_recipe_of_its_task_and_no_other(
    tables: dict[str, dict[str, Any]], changes: dict[str, Any]
) -> None:
    before = dict(RECIPES)
    text = toml(changes) + "".join(f"[{name}]\n{toml(table)}" for name, table in tables.items())
    config = loaded(text)
    assert set(config.recipes) == set(RECIPES)
    for name, recipe in config.recipes.items():
        for field, value in dataclasses.asdict(recipe).items():
            assert value == tables.get(name, {}).get(field, getattr(before[name], field))
    assert before == RECIPES


def test_an_integer_may_stand_for_a_float() -> None:
    config = loaded("lam = 2\n[topic]\nlearning_rate = 1\ndropout = 0\n")
    for value in (config.lam, config.recipes["topic"].learning_rate):
        assert type(value) is float
    assert (config.lam, config.recipes["topic"].dropout) == (2.0, 0.0)


@pytest.mark.parametrize(
    ("text", "where", "wrong", "meant"),
    [
        ("edit_rates = 0.1", "run.toml", "edit_rates", "edit_rate"),
        ("bootstrp = 5", "run.toml", "bootstrp", "bootstrap"),
        ("divergance = 'kl'", "run.toml", "divergance", "divergence"),
        ("[topics]\nepochs = 1", "run.toml", "topics", "topic"),
        ("[topic]\nepoch = 1", "[topic]", "epoch", "epochs"),
        ("[nli]\nlearning-rate = 1.0", "[nli]", "learning-rate", "learning_rate"),
        ("[world_qa]\nwdith = 64", "[world_qa]", "wdith", "width"),
    ],
)
def test_a_misspelt_field_is_refused_with_the_one_meant(
    text: str, where: str, wrong: str, meant: str
) -> None:
    message = refusal(text)
    assert where in message
    assert f"unknown field {wrong!r}; did you mean {meant!r}?" in message


@pytest.mark.parametrize("name", ["zzz", "tasks", "seed", "recipes"])
def test_a_field_like_no_other_is_refused_with_the_known_ones(name: str) -> None:
    message = refusal(f"{name} = 1")
    assert f"unknown field {name!r}" in message
    assert all(known in message.split("known: ")[1] for known in (*FIELDS, *RECIPES))


@given(
    st.from_regex(r"[a-z_]{1,12}", fullmatch=True).filter(lambda n: n not in {*FIELDS, *RECIPES})
)
def test_any_unknown_field_is_refused_by_name_at_both_levels(name: str) -> None:
    assert f"unknown field {name!r}" in refusal(f"{name} = 1")
    if name not in RECIPE_FIELDS:
        assert f"[nli]: unknown field {name!r}" in refusal(f"[nli]\n{name} = 1")


@pytest.mark.parametrize(
    ("table", "name", "value"),
    [("", name, value) for name in COUNTS for value in ("3", True, 2.0, [3])]
    + [
        ("", name, value)
        for name in ("lam", "a", "b", "edit_rate")
        for value in ("0.5", True, [0.5])
    ]
    + [("", "divergence", value) for value in (1, 0.5, False, ["kl"])]
    + [("[topic]\n", name, value) for name in RECIPE_COUNTS for value in ("3", True, 2.0)]
    + [
        ("[topic]\n", name, value) for name in ("dropout", "learning_rate") for value in ("0", True)
    ],
)
def test_a_value_of_the_wrong_type_is_refused_with_field_value_and_type(
    table: str, name: str, value: object
) -> None:
    message = refusal(table + toml({name: value}))
    assert f"field {name!r} is {value!r}" in message
    wanted = "str" if name == "divergence" else "int" if name in COUNTS + RECIPE_COUNTS else "float"
    assert message.endswith(f"{wanted} wanted")
    assert ("[topic]" in message) == bool(table)


@pytest.mark.parametrize(
    ("table", "name", "value"),
    [("", name, value) for name in COUNTS for value in (0, -1)]
    + [("", name, value) for name in ("lam", "edit_rate") for value in (0.0, -0.5, float("nan"))]
    + [("", name, value) for name in ("a", "b") for value in (-0.5, float("nan"))]
    + [("[nli]\n", name, value) for name in RECIPE_COUNTS for value in (0, -4)]
    + [("[nli]\n", "learning_rate", value) for value in (0.0, -1e-3, float("nan"))]
    + [
        ("[nli]\n", name, value)
        for name in ("dropout", "word_dropout")
        for value in (1.0, -0.1, 2.5, float("nan"))
    ],
)
def test_a_value_out_of_range_is_refused_with_field_and_value(
    table: str, name: str, value: object
) -> None:
    assert f"{name} is {value}" in refusal(table + toml({name: value}))


def test_an_unknown_divergence_is_refused_with_the_known_ones() -> None:
    message = refusal("divergence = 'jensen'")
    assert f"divergence 'jensen' is none of {', '.join(DIVERGENCES)}" in message


def test_a_width_that_the_heads_do_not_divide_is_refused_with_both() -> None:
    message = refusal("[topic]\nwidth = 100\nheads = 3\n")
    assert "100" in message
    assert "3" in message
    assert loaded("[topic]\nwidth = 99\nheads = 3\n").recipes["topic"].width == 99


@pytest.mark.parametrize("text", ["topic = 3", "topic = 'x'", "[[topic]]\nepochs = 1"])
def test_a_task_that_is_no_table_is_refused_by_name(text: str) -> None:
    assert "[topic] must be a table" in refusal(text)


def test_a_table_inside_a_recipe_is_refused() -> None:
    assert "unknown field 'deeper'" in refusal("[topic.deeper]\nepochs = 1")
    assert "field 'epochs'" in refusal("[topic.epochs]\nn = 1")


def test_a_file_that_is_no_toml_is_refused_by_its_path() -> None:
    message = refusal("k = = 3")
    assert "run.toml" in message
    assert "no valid TOML" in message


def test_a_file_that_is_no_utf8_is_refused_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes(b"divergence = '\xff'")
    with pytest.raises(BadInputError, match=r"latin\.toml"):
        load_config(path, tasks=("topic",), seed=0)


@pytest.mark.parametrize("name", ["lam", "a", "b", "edit_rate"])
@pytest.mark.parametrize("value", ["inf", str(10**400)], ids=["inf", "10**400"])
def test_a_number_that_no_float_holds_is_refused_by_field(name: str, value: str) -> None:
    message = refusal(f"{name} = {value}")
    assert f"{name} is" in message or f"{name!r} is" in message
    assert "learning_rate" in refusal(f"[topic]\nlearning_rate = {value}")


def test_a_missing_file_or_a_folder_is_refused_by_its_path(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.toml", tmp_path):
        with pytest.raises(BadInputError) as caught:
            load_config(path, tasks=("topic",), seed=0)
        assert str(path) in str(caught.value)


def test_tasks_must_be_named_and_known() -> None:
    with pytest.raises(BadInputError, match="none named"):
        Config(tasks=())
    with pytest.raises(BadInputError, match="'speech' is none of world_qa, world_nli, world_topic"):
        Config(tasks=("topic", "speech"))


def test_two_configurations_share_no_recipes() -> None:
    one, other = Config(tasks=("topic",)), Config(tasks=("topic",))
    one.recipes["topic"] = dataclasses.replace(RECIPES["topic"], epochs=99)
    assert other.recipes["topic"] == RECIPES["topic"]
    assert RECIPES["topic"].epochs != 99
