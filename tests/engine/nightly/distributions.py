"""A tiny distribution that gives a policy, or another plug-in, by an entry point, installed into a folder."""

import re
import sys
from pathlib import Path

# As docs/learn.md tells data scientists to write theirs.
(FLAT,) = re.findall(
    r"```python\n(.*?)```",
    (Path(__file__).parents[3] / "docs/learn.md").read_text(encoding="utf-8"),
    re.DOTALL,
)


def install(
    folder: Path,
    name: str = "acme_offers",
    *,
    entries: str = "flat = {name}:flat",
    source: str = FLAT,
    group: str = "abonement.policies",
) -> Path:
    """Write package and metadata as an installer does, in place of a former version; returns the package."""
    package, about = folder / name, folder / f"{name}-1.0.dist-info"
    package.mkdir(exist_ok=True)
    about.mkdir(exist_ok=True)
    (package / "__init__.py").write_text(source, encoding="utf-8")
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[{group}]\n{entries.format(name=name)}\n")
    for loaded in [module for module in sys.modules if module.partition(".")[0] == name]:
        del sys.modules[loaded]  # the next night is another process
    return package
