"""A mail server for tries: it takes every mail and prints one line about it.

    python mail_server.py PORT

It needs Python alone, so it runs in a container of any image that has it.
"""

import socketserver
import sys
from email import message_from_bytes

GREETING, BYE, DONE, GO_ON = "220 mail", "221 bye", "250 done", "354 go on"


class Session(socketserver.StreamRequestHandler):
    """What a client says on one connection, in SMTP."""

    def handle(self) -> None:
        """Answer each command; print a line about each mail."""
        self._answer(GREETING)
        for line in self.rfile:
            command = line.strip().upper()
            if command == b"QUIT":
                self._answer(BYE)
                return
            if command == b"DATA":
                self._answer(GO_ON)
                self._take_mail()
            self._answer(DONE)

    def _take_mail(self) -> None:
        lines = iter(self.rfile.readline, b".\r\n")
        mail = message_from_bytes(b"".join(lines))
        print(f"A mail to {mail['To']}: {mail['Subject']}", flush=True)

    def _answer(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


if __name__ == "__main__":
    with socketserver.ThreadingTCPServer(("", int(sys.argv[1])), Session) as server:
        server.serve_forever()
