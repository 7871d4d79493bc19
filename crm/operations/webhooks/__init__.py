"""Webhooks: endpoints of other systems, and what is sent to them."""

from crm.operations.webhooks.again import redeliver, replay, send_test
from crm.operations.webhooks.endpoints import change, disable, enable, rotate, subscribe
from crm.operations.webhooks.sending import event_told, message_of, send_due

__all__ = [
    "change",
    "disable",
    "enable",
    "event_told",
    "message_of",
    "redeliver",
    "replay",
    "rotate",
    "send_due",
    "send_test",
    "subscribe",
]
