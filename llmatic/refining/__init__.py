"""A found network made better: its training recipe tuned, and the network trained properly.

Knows searches and their evaluation; not what is handed out afterwards.
"""

from llmatic.refining.recipes import (
    overridden,
    proper_training,
    searched_recipe,
    with_epochs,
    with_recipe,
)
from llmatic.refining.training import Trained, keep, train
from llmatic.refining.tuning import Tuned, tune, tuned_recipe

__all__ = [
    "Trained",
    "Tuned",
    "keep",
    "overridden",
    "proper_training",
    "searched_recipe",
    "train",
    "tune",
    "tuned_recipe",
    "with_epochs",
    "with_recipe",
]
