"""What docs/walk.md asks of curl, for machines that have none: `python -m tests.docs.curl -s -H HEADER URL ...`.

The page is written for curl, and curl runs it where it is installed. A machine with Python alone gets the same
requests from httpx, so that the walk is never left out.
"""

import argparse
import re
import sys
import time
from pathlib import Path

import httpx


def main(arguments: list[str]) -> int:
    """Send one request and print its answer; the options are curl's own, those that the page uses."""
    parser = argparse.ArgumentParser(prog="curl")
    parser.add_argument("url")
    parser.add_argument("-s", action="store_true", help="no progress: there is none")
    parser.add_argument("-X", dest="method")
    parser.add_argument("-H", dest="headers", action="append", default=[])
    parser.add_argument("--json", help="the body, or @FILE")
    parser.add_argument("-o", dest="out", type=Path)
    parser.add_argument("-w", dest="after", default="")
    parser.add_argument("--retry", type=int, default=0)
    parser.add_argument("--retry-connrefused", action="store_true", help="as it does anyway")
    parser.add_argument("--retry-delay", type=float, default=1.0)
    asked = parser.parse_args(arguments)
    headers = dict(header.split(": ", 1) for header in asked.headers)
    body = None
    if asked.json is not None:
        headers |= {"Content-Type": "application/json", "Accept": "application/json"}
        body = Path(asked.json[1:]).read_bytes() if asked.json.startswith("@") else asked.json.encode()
    method = asked.method or ("GET" if body is None else "POST")
    answer = None
    for tries_left in range(asked.retry, -1, -1):
        try:
            answer = httpx.request(method, asked.url, headers=headers, content=body)
            break
        except httpx.ConnectError:
            if tries_left:
                time.sleep(asked.retry_delay)
    if answer is None:
        return 7  # curl's "failed to connect"
    if asked.out is None:
        sys.stdout.buffer.write(answer.content)
    else:
        asked.out.write_bytes(answer.content)
    said = asked.after.replace("%{http_code}", str(answer.status_code)).replace("\\n", "\n")
    said = re.sub(r"%header\{([\w-]+)\}", lambda name: answer.headers.get(name[1], ""), said)
    sys.stdout.write(said)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
