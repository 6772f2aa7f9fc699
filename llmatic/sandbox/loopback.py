"""Becomes another module's process, in a network of its own that has loopback only.

``python -m llmatic.sandbox.loopback MODULE``: what bubblewrap does for a worker's network,
where there is no bubblewrap. Before anything is loaded, as a process with threads cannot
change its user namespace. Does not know what the module does.
"""

from __future__ import annotations

import os
import sys

from llmatic.sandbox.kernel import be_alone_in_a_network

__all__ = ["main"]

REFUSED = "no network namespace with loopback only can be had: {}"


def main() -> None:
    """Move into the network, and run the module that the command line names."""
    try:
        be_alone_in_a_network()
    except OSError as error:
        raise SystemExit(REFUSED.format(error)) from None
    os.execv(sys.executable, [sys.executable, "-P", "-m", *sys.argv[1:]])


if __name__ == "__main__":
    main()
