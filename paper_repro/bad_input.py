"""The one error that means: the call or the input was wrong (exit status 2)."""

from __future__ import annotations


class BadInputError(ValueError):
    """What was wrong, where, and with which value, in one line a user can act on."""
