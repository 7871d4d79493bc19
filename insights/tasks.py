"""The work of this app that every drain does, registered by being read."""

from insights.operations import keeping  # noqa: F401  keeps counts
