"""A PostgreSQL server for one test, which can be frozen, stopped and started again."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass, field
from functools import cached_property
from glob import glob
from pathlib import Path

import psycopg2
from django.db import connection

from recommendations.tests.load.servers import free_port, wait_until

MAX_CONNECTIONS = 30


@dataclass
class PrivatePostgres:
    """A copy of the test's database on a server of its own."""

    port: int = field(default_factory=free_port)
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="shop-postgres-")))
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def create(self) -> None:
        """Make the server's folder, start the server and copy the test's database to it."""
        if os.getuid() == 0:
            # PostgreSQL refuses to run as root.
            os.chown(self.folder, pwd.getpwnam("postgres").pw_uid, -1)
        options = ["--pgdata", str(self.folder), "--auth", "trust", "--username", "postgres"]
        self._run("initdb", *options, "--no-sync").wait()
        self.start()
        settings = connection.settings_dict
        address = ["--host", settings["HOST"], "--port", str(settings["PORT"] or 5432)]
        dumped = subprocess.run(
            [self._find("pg_dump"), *address, "--username", settings["USER"], settings["NAME"]],
            env=os.environ | {"PGPASSWORD": settings["PASSWORD"]},
            capture_output=True,
            check=True,
        )
        subprocess.run(
            [self._find("psql"), "--quiet", self.url],
            input=dumped.stdout,
            stdout=subprocess.DEVNULL,
            check=True,
        )

    def start(self) -> None:
        settings = f"-p {self.port} -c max_connections={MAX_CONNECTIONS} -c fsync=off"
        places = f"-h 127.0.0.1 -k {self.folder} -D {self.folder}"
        self.process = self._run("postgres", *settings.split(), *places.split())
        wait_until(self._answers, lambda: "PostgreSQL does not answer.")

    def freeze(self) -> None:
        """Stop every process: the kernel still accepts connections and acknowledges packets."""
        for pid in self._pids():
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        for pid in self._pids():
            os.kill(pid, signal.SIGCONT)

    def stop(self) -> None:
        """End the server at once, as if its machine had failed."""
        if self.process is not None:
            self.thaw()
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait()
            self.process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder)

    def connect(self) -> "psycopg2.extensions.connection":
        return psycopg2.connect(self.url, connect_timeout=2)

    def _pids(self) -> list[int]:
        assert self.process is not None
        found = subprocess.run(
            ["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False
        )
        # The postmaster first, so that it starts no process that is then missed.
        return [self.process.pid, *map(int, found.stdout.split())]

    def _answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg2.OperationalError:
            return False
        return True

    def _run(self, program: str, *options: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [self._find(program), *options],
            user="postgres" if os.getuid() == 0 else None,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @cached_property
    def _programs(self) -> str | None:
        return next(iter(sorted(glob("/usr/lib/postgresql/*/bin"), reverse=True)), None)

    def _find(self, program: str) -> str:
        return shutil.which(program, path=self._programs) or program
