"""Child processes that are started, supervised and stopped together."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

LAST_LINES = 15
"""How many lines of a process's log are shown when the process fails to start."""


class ChildFailedError(Exception):
    """A child cannot start, or ended right after its start: starting it again would not help."""


@dataclass
class Child:
    """A program to keep running. Its output goes to `log`, which its first start empties."""

    name: str
    command: Sequence[str]
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    started_at: float = field(default=0.0, init=False)

    def start(self) -> None:
        """Start the program in its own process group.

        Ctrl-C in the terminal then reaches only the parent, which stops its children in order. A
        signal to the group also reaches the processes that the child has started.
        """
        with self._open_log() as log:
            self.process = subprocess.Popen(  # noqa: S603
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,
            )
        self.started_at = time.monotonic()

    def _open_log(self) -> IO[bytes]:
        try:
            return self.log.open("ab" if self.process else "wb")
        except OSError as error:
            reason = os.strerror(error.errno or 0).lower()
            raise ChildFailedError(
                f"The {self.name} cannot write its log {self.log} ({reason})."
            ) from error

    def get_exit_code(self) -> int | None:
        """Return the exit code of the program; None while it runs or before its start."""
        return self.process.poll() if self.process else None

    def signal_group(self, signal_number: int) -> None:
        """Send a signal to the program and its own processes, as far as they still run."""
        if self.process:
            try:
                os.killpg(self.process.pid, signal_number)
            except ProcessLookupError:
                return


class Supervisor:
    """Keeps children running until `stop` is called.

    Args:
        children: The children, which the caller starts.
        announce: Called with a sentence when a child is started again or killed.
        settled_seconds: A child that ends sooner than this after its start is not started again.
        grace_seconds: How long children may take to stop before they are killed.
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

    def require_running(self) -> None:
        """Raise ChildFailedError, with the end of the log, if a child has ended."""
        for child in self.children:
            code = child.get_exit_code()
            if code is not None:
                raise _make_error(child, code)

    def restart_ended(self) -> None:
        """Restart the children that have ended.

        Raises:
            ChildFailedError: A child ended right after its start; the message has the end of its
                log.
        """
        for child in self.children:
            code = child.get_exit_code()
            if code is None:
                continue
            if time.monotonic() - child.started_at < self.settled_seconds:
                raise _make_error(child, code)
            # Processes that the child has started may still hold its port or its queue.
            child.signal_group(signal.SIGKILL)
            self.announce(f"The {child.name} {_describe_exit(code)} and was started again.")
            child.start()

    def stop(self) -> None:
        """Stop all children and their processes; kill those that do not stop in time."""
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


def _make_error(child: Child, code: int) -> ChildFailedError:
    lines = child.log.read_text(errors="replace").splitlines()[-LAST_LINES:]
    shown = "\n".join(f"  | {line}" for line in lines)
    return ChildFailedError(
        f"The {child.name} {_describe_exit(code)} right after its start; "
        f"the end of {child.log}:\n{shown}"
    )


def _describe_exit(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with code {code}"
