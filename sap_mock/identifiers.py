"""The only source of chance: transaction ids, boundaries, session secrets."""

from __future__ import annotations

import random
import secrets

_chance = random.SystemRandom()


def transaction_id() -> str:
    """32 upper-case hexadecimal digits, as an EPP transaction id is printed (captured: ``…E006…`` tails)."""
    return secrets.token_hex(16).upper()


def batch_boundary() -> str:
    """The boundary of a $batch answer without its last digit: 32 upper-case hexadecimal digits."""
    return secrets.token_hex(16).upper()


def secret(length: int = 32) -> bytes:
    """Random bytes nobody can guess."""
    return secrets.token_bytes(length)


def chance(seed: int | None) -> random.Random:
    """A generator of numbers in [0, 1): repeatable when given a seed."""
    return random.Random(seed) if seed is not None else _chance  # noqa: S311 - faults, not secrets
