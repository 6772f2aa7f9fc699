"""Runs evaluations on the nodes of a Ray cluster, several at a time. The only room that knows Ray.

Each slot is an actor with its share of a node, in which an evaluator works as it does
on this machine; what the slots of a node share is opened once there. A slot that ends,
alone or with its node, costs the network it measured another try. Knows that an evaluator
measures a source; nothing of data sets, searches or the journal.
"""

from llmatic.cluster.connection import ClusterError
from llmatic.cluster.executor import RayExecutor

__all__ = ["ClusterError", "RayExecutor"]
