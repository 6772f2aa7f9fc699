"""Bounds what trusted code may take of the memory while it is tried.

Knows nothing of networks. Where the kernel does not say how much there is, nothing is bounded.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["bounded"]

MORE_BYTES = 2**31
OWN = Path("/proc/self/statm")


@contextmanager
def bounded() -> Iterator[None]:
    """Let this process take 2 GiB more addresses than it has; what needs more raises.

    That goes for all its threads, and for what they map besides.
    """
    if not OWN.exists():
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    own_bytes = int(OWN.read_text().split()[0]) * resource.getpagesize()
    bounds = [own_bytes + MORE_BYTES, *(each for each in (soft, hard) if each >= 0)]
    resource.setrlimit(resource.RLIMIT_AS, (min(bounds), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
