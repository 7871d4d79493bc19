"""Opaque public identifiers that sort by time."""

import secrets
import time
from uuid import UUID


def new_public_id() -> UUID:
    """Make a UUID of version 7: 48 bits of milliseconds, then random bits (RFC 9562, §5.7)."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & ((1 << 48) - 1)) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | (7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return UUID(int=value)
