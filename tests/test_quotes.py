"""Quotes are the paper's words: compared where its text is at hand, and pinned where it is not.

The paper's text is not ours to ship. ``SUA_PAPER`` names a plain-text copy of it, without formulas;
when a quote changes, compare anew and pin the digest that the failure names.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from proofs_checks.claims import CLAIMS

COMPARED = "6ce1273ce9cfa2f4"
"""Of the quotes when they were last compared with the text, all found."""


def spaced(text: str) -> str:
    """With every stretch of white space as one space."""
    return " ".join(text.split())


def quotes() -> list[str]:
    """The paper's; what the later repository says is not in its text."""
    return sorted({c.quote for c in CLAIMS if c.quote and not c.item.startswith("repo_")})


def missing(text: str) -> list[str]:
    """Quotes that do not stand in a text."""
    whole = spaced(text)
    return [quote for quote in quotes() if spaced(quote) not in whole]


def test_no_quote_has_changed_since_it_was_compared_with_the_paper() -> None:
    digest = hashlib.sha256("\n".join(quotes()).encode()).hexdigest()[:16]
    assert digest == COMPARED, f"compare the quotes with the paper (SUA_PAPER), then pin {digest}"


def test_a_quote_that_differs_in_one_word_is_missed() -> None:
    first, *others = quotes()
    assert missing("\n\n".join(quotes())) == []
    assert missing("\n".join([first.replace(" ", " not ", 1), *others])) == [first]


@pytest.mark.skipif("SUA_PAPER" not in os.environ, reason="SUA_PAPER names no copy of the paper")
def test_every_quote_stands_in_the_paper_word_for_word() -> None:
    assert missing(Path(os.environ["SUA_PAPER"]).read_text(encoding="utf-8")) == []
