"""The access log of gunicorn, without the tokens that stand in addresses of senders."""

from typing import Any

from gunicorn.glogging import Logger, SafeAtoms  # type: ignore[import-untyped]

from crm.rules.tokens import masked


class MaskedAtoms(SafeAtoms):  # type: ignore[misc]
    """What a line may be made of, of a token only the part that may be shown."""

    def __getitem__(self, name: str) -> Any:
        """Read one thing; of a request's some sixty a line names ten."""
        value = super().__getitem__(name)
        return masked(text=value) if isinstance(value, str) else value


class AccessLog(Logger):  # type: ignore[misc]
    """Writes what gunicorn writes."""

    atoms_wrapper_class = MaskedAtoms
