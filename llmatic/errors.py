"""The one family of exceptions that speaks to users."""

__all__ = ["UserError"]


class UserError(Exception):
    """Something the user can mend; its text is one clear line that says how.

    The command line prints it and exits with status 2. Derived: `ConfigError`
    (settings), `DataError` (data sets), `TrackingError` (the journal's store),
    `SeedFailedError` and `JournalMismatchError` (the search).
    """
