"""The callers: a process of threads that ask over HTTP for some seconds. It imports nothing of ours, to be light.

`python -m bench.client` reads a plan from its input and tells the figures on its output.
"""

import http.client
import json
import sys
import threading
import time
from typing import Any

PATIENCE_SECONDS = 110


class Caller(threading.Thread):
    """One caller that asks again and again, each time something new, until the time is up or the list is done."""

    def __init__(self, plan: dict[str, Any], asks: list[tuple[str, dict[str, str], str]]) -> None:
        super().__init__(daemon=True)
        self.asks, self.port, self.expected = asks, plan["port"], plan["expected"]
        self.starts_at, self.ends_at = plan["starts_at"], plan["starts_at"] + plan["seconds"]
        self.began = self.ended = 0.0
        self.taken: list[float] = []
        self.problem = ""

    def run(self) -> None:
        """Ask."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        time.sleep(max(0.0, self.starts_at - time.monotonic()))
        self.began = self.ended = time.monotonic()
        for path, headers, body in self.asks:
            if self.ended >= self.ends_at:
                break
            try:
                connection.request("POST", path, body.encode(), headers)
                response = connection.getresponse()
                answer = response.read()
            except (OSError, http.client.HTTPException) as error:
                self.problem = repr(error)
                break
            if response.status != self.expected:
                self.problem = f"{response.status}: {answer[:500].decode(errors='replace')}"
                break
            now = time.monotonic()
            self.taken.append(now - self.ended)
            self.ended = now
        connection.close()


def main() -> None:
    """Let the callers of one plan ask at once."""
    plan: dict[str, Any] = json.load(sys.stdin)
    callers = [Caller(plan, [tuple(ask) for ask in asks]) for asks in plan["callers"]]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    told = {
        "began": min(caller.began for caller in callers),
        "ended": max(caller.ended for caller in callers),
        "taken": [seconds for caller in callers for seconds in caller.taken],
        "problems": [caller.problem for caller in callers if caller.problem],
    }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
