"""From a network of the map to one that is used: exported, or registered with its checks.

Knows the journal and the workbench. What is handed out takes images as they come and
gives probabilities; it was loaded and compared with the network that was trained.
"""

from llmatic.delivery.exporting import DeliveryError, Found, export, found, predictions
from llmatic.delivery.registering import CHAMPION, Chosen, choose, register

__all__ = [
    "CHAMPION",
    "Chosen",
    "DeliveryError",
    "Found",
    "choose",
    "export",
    "found",
    "predictions",
    "register",
]
