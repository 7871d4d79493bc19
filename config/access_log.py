"""The access log of gunicorn, without the tokens that stand in addresses of senders."""

from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from crm.rules.tokens import masked


class AccessLog(Logger):  # type: ignore[misc]
    """Writes what gunicorn writes, of a token only the part that may be shown."""

    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> dict[str, Any]:
        """Collect what a line is made of."""
        told = super().atoms(resp, req, environ, request_time)
        return {name: masked(text=value) if isinstance(value, str) else value for name, value in told.items()}
