"""Runs the commands of docs/walk.md in one shell and gives their answers; as a program, it renews the page.

    python -m tests.docs.walk

In a block ```console a line that begins with `$ ` is a command, one with `> ` continues it, all others are what it
answered. JSON is shown with line breaks where it is long.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "walk.md"
_BLOCK = re.compile(r"```console\n(.*?)```\n", re.DOTALL)
_WIDTH = 116
_PORT = "8000"
# Different in every run: secrets, random names, the moment at which a token ends, where a version comes from.
_VOLATILE = (
    (re.compile(r"eyJ[\w.-]+"), "TOKEN"),
    (re.compile(r'(?<="expires_at": ")20[^"]+(?=")'), "SOON"),
    (re.compile(r'(?<="request_id": ")[0-9a-f]{16}(?=")'), "REQUEST"),
    (re.compile(r"\br_[0-9a-f]{20}\b"), "REDEMPTION"),
    (re.compile(r"\be_[0-9a-f]{24}\b"), "EVENT"),
    (re.compile(r"\b(\d{4}-\d\d-\d\d)-[0-9a-f]{8}\b"), r"\1-VERSION"),
)


def steps(page: str) -> list[tuple[str, str]]:
    """Return the page's commands with what stands below them."""
    found: list[tuple[str, str]] = []
    for block in _BLOCK.findall(page):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], ""))
            elif line.startswith("> "):
                found[-1] = (f"{found[-1][0]}\n{line[2:]}", "")
            else:
                found[-1] = (found[-1][0], f"{found[-1][1]}{line}\n")
    return found


def run(commands: list[str], *, with_curl: bool = shutil.which("curl") is not None) -> list[str]:
    """Run the commands in one shell, from the repository's root, and return what each printed.

    Without curl, `tests.docs.curl` answers to its name.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    curl = "" if with_curl else 'curl() { python -m tests.docs.curl "$@"; }\n'
    script = curl + "".join(f"{command}\nprintf '\\n<<<done>>>\\n'\n" for command in commands)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ABONEMENT_")}
    said = subprocess.run(
        ["bash", "-c", script.replace(_PORT, port)],
        cwd=ROOT,
        env=clean | {"ABONEMENT_PORT": port, "PATH": f"{Path(sys.executable).parent}:{clean['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
        check=False,
    ).stdout
    return [shown(part.strip("\n")) for part in said.split("<<<done>>>\n")[:-1]]


def shown(answer: str) -> str:
    """An answer as the page shows it."""
    try:
        content = json.loads(answer)
    except ValueError:
        return f"{answer}\n" if answer else ""
    return f"{_broken(content, 0)}\n" if isinstance(content, dict) else f"{answer}\n"


def masked(answer: str) -> str:
    """An answer without what is different in every run."""
    for volatile, word in _VOLATILE:
        answer = volatile.sub(word, answer)
    return answer


def _broken(content: Any, depth: int) -> str:
    """JSON on one line where it fits; else the answer's members and a list's entries one a line, others filled."""
    flat = json.dumps(content, ensure_ascii=False)
    if len(flat) + depth <= _WIDTH or not isinstance(content, dict | list) or not content:
        return flat
    pad = "\n" + " " * (depth + 1)
    if isinstance(content, list):
        entries = f",{pad}".join(_broken(one, depth + 1) for one in content)
        return f"[{entries}]"
    members = [f"{json.dumps(name)}: {_broken(one, depth + 1)}" for name, one in content.items()]
    return "{" + (f",{pad}".join(members) if depth == 0 else _filled(members, pad)) + "}"


def _filled(members: list[str], pad: str) -> str:
    lines = [members[0]]
    for member in members[1:]:
        if len(lines[-1]) + len(member) + len(pad) < _WIDTH:
            lines[-1] += f", {member}"
        else:
            lines.append(member)
    return f",{pad}".join(lines)


def renewed(page: str) -> str:
    """The page with the answers of a new run; an answer that differs in volatile parts only is left alone."""
    known = steps(page)
    answers = iter(zip(known, run([command for command, _ in known]), strict=True))

    def renew(block: re.Match[str]) -> str:
        lines = []
        for _ in [line for line in block[1].splitlines() if line.startswith("$ ")]:
            (command, old), new = next(answers)
            lines.append("$ " + command.replace("\n", "\n> ") + "\n")
            lines.append(old if masked(old) == masked(new) else new)
        return f"```console\n{''.join(lines)}```\n"

    return _BLOCK.sub(renew, page)


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
