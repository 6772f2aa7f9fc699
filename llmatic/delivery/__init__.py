"""From a network of the map to one that is used: exported, or registered with its checks.

Knows the journal and the workbench. What is handed out takes images as they come and
gives probabilities; it was loaded and compared with the network that was trained.
"""

from llmatic.delivery.exporting import UnsafeArchiveError, export, predictions
from llmatic.delivery.finding import DeliveryError, Found, accuracies, found, network
from llmatic.delivery.recipes import by, longer, proper
from llmatic.delivery.registering import CHAMPION, Chosen, Registered, choose, lineage, register
from llmatic.delivery.training import Trained, keep, train
from llmatic.delivery.tuning import Tuned, tune, tuned

__all__ = [
    "CHAMPION",
    "Chosen",
    "DeliveryError",
    "Found",
    "Registered",
    "Trained",
    "Tuned",
    "UnsafeArchiveError",
    "accuracies",
    "by",
    "choose",
    "export",
    "found",
    "keep",
    "lineage",
    "longer",
    "network",
    "predictions",
    "proper",
    "register",
    "train",
    "tune",
    "tuned",
]
