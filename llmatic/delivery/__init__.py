"""From a network of the map to one that is used: exported, or registered with its checks.

Knows the journal and the workbench. What is handed out takes images as they come and
gives probabilities; it was loaded and compared with the network that was trained.
"""

from llmatic.delivery.errors import DeliveryError
from llmatic.delivery.exporting import UnsafeArchiveError, export, predictions
from llmatic.delivery.registering import CHAMPION, Chosen, Registered, choose, lineage, register
from llmatic.finding import Found, found

__all__ = [
    "CHAMPION",
    "Chosen",
    "DeliveryError",
    "Found",
    "Registered",
    "UnsafeArchiveError",
    "choose",
    "export",
    "found",
    "lineage",
    "predictions",
    "register",
]
