"""One process of a stampede: many readers ask for one value when the parent says so.

    python -m recommendations.tests.load.stampede 32

Says "ready", waits for a line, and prints what each reader got and how often it was computed.
"""

import json
import sys
import threading
import time

import django

django.setup()

from recommendations.services.infra.computed_values import get_or_compute  # noqa: E402

COMPUTED_IN_SECONDS = 0.1


def main(readers: int) -> None:
    computed: list[int] = []
    found: list[object] = []
    together = threading.Barrier(readers)

    def compute() -> list[int]:
        computed.append(1)
        time.sleep(COMPUTED_IN_SECONDS)
        return [7]

    def read() -> None:
        together.wait()
        found.append(
            get_or_compute("stampede:x", compute, is_valid=lambda value: value == [7], seconds=60)
        )

    threads = [threading.Thread(target=read) for _ in range(readers)]
    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"found": found, "computed": len(computed)}))  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]))
