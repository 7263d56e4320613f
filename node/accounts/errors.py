"""What can be wrong with accounts."""

from node.errors import NodeError


class AccountError(NodeError):
    """The database of accounts cannot be used."""


class AccountRefused(NodeError):
    """An account, a password or a token is not to be had as it is asked for."""

    exit_code = 2


class NoSuchAccount(AccountRefused):
    """Nobody of that name has an account here."""


class TooManyAttempts(NodeError):
    """Too many wrong passwords came; `seconds` is how long to wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Too many attempts. Try again in {max(1, round(seconds))} seconds.")
        self.seconds = seconds
