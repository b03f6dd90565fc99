"""``python -m paper_repro.perturbations TEXT``: see perturbations of one's own text."""

from __future__ import annotations

import random
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from paper_repro.bad_input import BadInputError
from paper_repro.perturbations.edits import Perturbation
from paper_repro.perturbations.model_paraphraser import ModelParaphraser
from paper_repro.perturbations.paraphrase_cache import ParaphraseCache
from paper_repro.perturbations.phrases import read_lexicon
from paper_repro.perturbations.report import lines, report
from paper_repro.perturbations.rule_paraphraser import RuleParaphraser, read_rules
from paper_repro.perturbations.seq2seq import Seq2Seq
from paper_repro.perturbations.sources import Source
from paper_repro.perturbations.token_edits import TokenEdits


class Kind(StrEnum):
    """What perturbs the text."""

    RULES = "rules"
    TOKENS = "tokens"
    MODEL = "model"


def _transformation(
    kind: Kind, data: Path | None, rate: float, models: list[str], cache: Path, seed: int
) -> Perturbation:
    if kind is Kind.MODEL:
        if not models:
            raise BadInputError("--model: none named; a folder or a hub id wanted, or two")
        stages = tuple(Seq2Seq(model) for model in models)
        return ModelParaphraser(stages, ParaphraseCache(cache), seed)
    if data is None:
        raise BadInputError("--data: not given (nor SUA_DATA); it holds the word lists")
    if kind is Kind.RULES:
        return RuleParaphraser(read_rules(data), rate)
    return TokenEdits(read_lexicon(data), rate)


def show(
    texts: Annotated[list[str], typer.Argument(help="One text, or premise and hypothesis.")],
    kind: Annotated[Kind, typer.Option("--source", help="What perturbs.")] = Kind.RULES,
    data: Annotated[
        Path | None, typer.Option(envvar="SUA_DATA", help="The folder of datasets.")
    ] = None,
    rate: Annotated[
        float, typer.Option(min=0.01, max=1, help="Share of the places or words to change.")
    ] = 0.3,
    model: Annotated[
        list[str] | None, typer.Option(help="A paraphraser; two: there and back.")
    ] = None,
    cache: Annotated[Path, typer.Option(help="Where models' texts are kept.")] = Path(
        "paraphrases.jsonl"
    ),
    k: Annotated[int, typer.Option("-k", min=1, help="Perturbations.")] = 5,
    seed: Annotated[int, typer.Option(help="Of the draws.")] = 0,
) -> None:
    """Print K perturbations of a text, what was changed in each, and what was refused."""
    try:
        transformation = _transformation(kind, data, rate, model or [], cache, seed)
    except BadInputError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    inputs = [tuple(texts)] * k
    rngs = [random.Random(f"{seed}-{i}") for i in range(k)]
    draws = Source(kind.value, transformation).draw(inputs, rngs)
    for draw in draws:
        typer.echo(" | ".join(draw.texts))
        for edit in draw.edits:
            typer.echo(f"    {edit.kind}: {edit.before!r} -> {edit.after!r}")
    typer.echo("\n".join(["", *lines(report(draws))]))


if __name__ == "__main__":
    typer.run(show)
