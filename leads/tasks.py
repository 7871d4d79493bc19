"""The jobs of this app: registered by being read, for every process that drains the outbox."""

from leads.operations import hooks  # noqa: F401  makes leads of what came from senders
