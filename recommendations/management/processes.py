"""Child processes that are started, watched and stopped as one."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LAST_LINES = 15
"""How much of a log is shown when its process cannot live."""


class ChildFailedError(Exception):
    """A child ended so soon after its start that starting it again would not help."""


@dataclass
class Child:
    """One program to keep alive; what it prints goes to `log`, anew at each start of the parent."""

    name: str
    command: Sequence[str]
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    started_at: float = field(default=0.0, init=False)

    def start(self) -> None:
        """Start the program in a process group of its own.

        The terminal's Ctrl-C then reaches the parent alone, which stops its children in order,
        and a signal to the group also reaches what the child itself has started.
        """
        mode = "ab" if self.process else "wb"
        with self.log.open(mode) as log:
            self.process = subprocess.Popen(  # noqa: S603
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,
            )
        self.started_at = time.monotonic()

    def exit_code(self) -> int | None:
        """Return how the program ended, or None while it runs or before it was started."""
        return self.process.poll() if self.process else None

    def signal_group(self, signal_number: int) -> None:
        """Send a signal to the program and to all it started, as far as they still run."""
        if self.process:
            try:
                os.killpg(self.process.pid, signal_number)
            except ProcessLookupError:
                return


class Supervisor:
    """Keeps children running until it is told to stop them.

    Args:
        children: What to watch from their start on; they are stopped all at once.
        announce: Called with a sentence when a child had to be started again.
        settled_seconds: A child that ends earlier than this after its start is not started again.
        grace_seconds: How long children may take to end before they are killed.
    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        announce: Callable[[str], None],
        settled_seconds: float = 10.0,
        grace_seconds: float = 10.0,
    ) -> None:
        self.children = children
        self.announce = announce
        self.settled_seconds = settled_seconds
        self.grace_seconds = grace_seconds

    def refuse_ended(self) -> None:
        """Raise ChildFailedError, with the end of its log, when a child has ended."""
        for child in self.children:
            code = child.exit_code()
            if code is not None:
                raise _failure(child, code)

    def revive_ended(self) -> None:
        """Start again whatever has ended.

        Raises:
            ChildFailedError: One ended right after its start; the message has the end of its log.
        """
        for child in self.children:
            code = child.exit_code()
            if code is None:
                continue
            if time.monotonic() - child.started_at < self.settled_seconds:
                raise _failure(child, code)
            # What the dead one had started must not hold on to its port or its queue.
            child.signal_group(signal.SIGKILL)
            self.announce(f"The {child.name} {_ending(code)} and was started again.")
            child.start()

    def stop(self) -> None:
        """End every child and all that they started, by force when asking does not help."""
        for child in self.children:
            child.signal_group(signal.SIGTERM)
        deadline = time.monotonic() + self.grace_seconds
        for child in self.children:
            if child.process:
                try:
                    child.process.wait(timeout=max(0.0, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    self.announce(f"The {child.name} did not stop when asked to and was killed.")
                child.signal_group(signal.SIGKILL)
                child.process.wait()


def _failure(child: Child, code: int) -> ChildFailedError:
    lines = child.log.read_text(errors="replace").splitlines()[-LAST_LINES:]
    shown = "\n".join(f"  | {line}" for line in lines)
    return ChildFailedError(
        f"The {child.name} {_ending(code)} right after its start; the end of {child.log}:\n{shown}"
    )


def _ending(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with code {code}"
