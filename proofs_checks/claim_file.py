"""A claim of your own, judged by the same kernel: ``sua verify mine.py``.

The file is a Python module like those of the registry: ``CLAIMS``, a tuple of records, and
``pieces``, which offers the evidence for one of them. For example:

{example}
It is run as it stands, so verify only files that you would run. Its ids must not touch the
registry's, and whatever is missing or of the wrong type is refused before any evidence runs.
"""

from __future__ import annotations

import importlib.util
import re
import types
import typing
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from proofs_checks.claim import Claim
from proofs_checks.claims import CLAIMS, MODULES
from proofs_checks.evidence import Piece
from proofs_checks.run import Checked, check_claim

EXAMPLE = """\
from fractions import Fraction as F

from proofs_checks import balls
from proofs_checks.claim import Claim
from proofs_checks.evidence import Kind, Piece
from sua_ref import kl_divergence, total_variation

CLAIMS = (
    Claim(
        id="my_bound",
        kind="formal",
        title="KL is at least total variation",
        statement="KL(P, Q) >= TV(P, Q) for any two distributions P and Q.",
        formula=r"\\mathrm{KL}(P, Q) \\ge \\mathrm{TV}(P, Q)",
        source="ours",
        where="a guess",
        credit="nobody",
    ),
)
P, Q = balls.balls([F(1, 2), F(1, 2)]), balls.balls([F(1, 4), F(3, 4)])


def violated():
    answer = balls.decide(lambda: balls.greater(total_variation(P, Q), kl_divergence(P, Q)))
    return [] if answer is balls.Truth.TRUE else [f"TV > KL is {answer.value}"]


def pieces(claim_id):
    scope = "P = (1, 1)/2, Q = (1, 3)/4: TV = 1/4, KL = log(4/3)/2"
    return [Piece(Kind.COUNTEREXAMPLE, "checked", scope, violated)]
"""
__doc__ = (__doc__ or "").format(example="\n".join(f"    {x}" for x in EXAMPLE.splitlines()))
_ID = re.compile(r"[a-z]\w*(\.\w+)*(@\w+(\.\w+)*)?")


class ClaimFileError(ValueError):
    """Why a file is no file of claims."""


def check_file(path: Path, *, deep: bool = False) -> list[Checked]:
    """Run the evidence of a user's claims.

    Raises:
        ClaimFileError: the file does not load, lacks a name, or holds something of the wrong type;
            an id is used twice or touches the registry.
    """
    module = _loaded(path)
    claims = _claims(module)
    offered = [(claim, _pieces(module, claim)) for claim in claims]
    return [check_claim(claim, deep=deep, pieces=pieces) for claim, pieces in offered]


def _loaded(path: Path) -> types.ModuleType:
    if not path.is_file():
        raise ClaimFileError("no such file")
    spec = importlib.util.spec_from_file_location(f"claims_of_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ClaimFileError("no Python file")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # the file may raise anything
        raise ClaimFileError(f"does not load: {type(error).__name__}: {error}") from error
    return module


def _claims(module: types.ModuleType) -> Sequence[Claim]:
    claims = getattr(module, "CLAIMS", None)
    if not isinstance(claims, (tuple, list)) or not claims:
        raise ClaimFileError("CLAIMS is missing, empty, or no tuple of claims")
    for k, claim in enumerate(claims):
        if not isinstance(claim, Claim):
            raise ClaimFileError(f"CLAIMS[{k}] is a {type(claim).__name__}, not a Claim")
        wrong = _wrong_fields(claim)
        if wrong:
            raise ClaimFileError(f"CLAIMS[{k}]: {wrong[0]}")
    ids = [claim.id for claim in claims]
    known = {*ids, *(claim.id for claim in CLAIMS)}
    for claim in claims:
        if not _ID.fullmatch(claim.id):
            raise ClaimFileError(f"{claim.id!r} is no id: letters, digits, _, parts after a dot")
        if claim.item in MODULES:
            raise ClaimFileError(f"{claim.id}: {claim.item} belongs to the registry")
        if ids.count(claim.id) > 1:
            raise ClaimFileError(f"{claim.id}: an id occurs twice")
        if not claim.statement.strip():
            raise ClaimFileError(f"{claim.id}: the statement is empty")
        for other in (*claim.uses, *((claim.repair,) if claim.repair else ())):
            if other not in known:
                raise ClaimFileError(f"{claim.id}: {other} is on no record")
    return claims


def _pieces(module: types.ModuleType, claim: Claim) -> list[Piece]:
    offer = getattr(module, "pieces", None)
    if not callable(offer):
        raise ClaimFileError("pieces is missing, or no function of a claim id")
    try:
        offered = offer(claim.id)
    except (Exception, SystemExit) as error:  # the file may raise anything
        raise ClaimFileError(f"pieces({claim.id!r}): {type(error).__name__}: {error}") from error
    if not isinstance(offered, list):
        raise ClaimFileError(f"pieces({claim.id!r}) is {offered!r}, not a list of pieces")
    for k, piece in enumerate(offered):
        if not isinstance(piece, Piece):
            raise ClaimFileError(
                f"pieces({claim.id!r})[{k}] is a {type(piece).__name__}, not a Piece"
            )
        wrong = _wrong_fields(piece)
        if wrong:
            raise ClaimFileError(f"pieces({claim.id!r})[{k}]: {wrong[0]}")
    return offered


def _wrong_fields(record: Claim | Piece) -> list[str]:
    """Fields whose values are not of the annotated type; dataclasses do not look."""
    hints = typing.get_type_hints(type(record))
    values = {name: getattr(record, name) for name in hints}
    return [
        f"{name} is {values[name]!r}, not {getattr(hint, '__name__', str(hint))}"
        for name, hint in hints.items()
        if not _fits(values[name], hint)
    ]


def _fits(value: object, hint: Any) -> bool:
    origin = typing.get_origin(hint)
    if origin is typing.Literal:
        return value in typing.get_args(hint)
    if origin is types.UnionType:
        return any(_fits(value, option) for option in typing.get_args(hint))
    if origin is tuple:
        return isinstance(value, tuple) and all(isinstance(x, str) for x in value)
    return isinstance(value, origin or hint)
