"""What `make try-image` brings along, where no container runs."""

import socketserver
import threading

import pytest
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from deploy.try_image.mail_server import Session


def test_the_mail_server_of_the_walk_takes_what_the_shop_mails(
    capsys: pytest.CaptureFixture[str],
) -> None:
    mails = [
        EmailMessage(f"Order {number}", ".\n..\nGrüße", "shop@shop.example", ["mara@shop.example"])
        for number in (1, 2)
    ]

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        threading.Thread(target=server.serve_forever).start()
        backend = EmailBackend(host="127.0.0.1", port=server.server_address[1], use_tls=False)
        sent = backend.send_messages(mails)
        server.shutdown()

    assert sent == 2
    assert capsys.readouterr().out.splitlines() == [
        "A mail to mara@shop.example: Order 1",
        "A mail to mara@shop.example: Order 2",
    ]
