"""What goes wrong where networks are handed out."""

from llmatic.errors import UserError

__all__ = ["DeliveryError"]


class DeliveryError(UserError):
    """A network cannot be handed out; says why."""
