"""From a network of the map to one that is used: exported, or registered with its checks.

Knows the journal and the workbench. What is handed out takes images as they come and
gives probabilities; it was loaded and compared with the network that was trained.
"""

from llmatic.delivery.exporting import DeliveryError, Found, export, found, network, predictions
from llmatic.delivery.registering import CHAMPION, Chosen, choose, register
from llmatic.delivery.training import Trained, by, proper, train
from llmatic.delivery.tuning import Tuned, tune, tuned

__all__ = [
    "CHAMPION",
    "Chosen",
    "DeliveryError",
    "Found",
    "Trained",
    "Tuned",
    "by",
    "choose",
    "export",
    "found",
    "network",
    "predictions",
    "proper",
    "register",
    "train",
    "tune",
    "tuned",
]
