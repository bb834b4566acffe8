"""The code itself as a digest: what was kept under one version of it is not read in the place of another's."""

import hashlib
import sys
from collections.abc import Collection, Mapping
from importlib import resources
from pathlib import Path

# What decides a result and is read from inside a package: modules, statements, settings and wording.
CODE = frozenset({".py", ".sql", ".toml"})
_COMPILED = "__pycache__"  # follows from the source, and differs between machines


def code_digest(*packages: str) -> str:
    """SHA-256 of all code of whole packages: `folder_digest` of where they are installed.

    Whole, because a list of files forgets the one that is added or renamed later.

    Args:
        packages: import names, such as `models` or `engine.domain`.
    """
    return folder_digest({package: Path(str(resources.files(package))) for package in packages})


def folder_digest(folders: Mapping[str, Path], suffixes: Collection[str] | None = CODE) -> str:
    """SHA-256 of every file of some folders, the same wherever the folders lie.

    Args:
        folders: by the name that they are known under.
        suffixes: of the files that count; None for all, but for what Python compiles.
    """
    digest = hashlib.sha256()
    for name, folder in sorted(folders.items()):
        files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        for place, path in sorted(files.items()):
            if _COMPILED not in path.parts and (suffixes is None or path.suffix in suffixes):
                digest.update(f"{name}/{place}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def digest_behind(module: str, *, whole: bool) -> str | None:
    """SHA-256 of what a loaded module was read from; None where there is no such file.

    Args:
        module: its import name.
        whole: all files of its top-level package, its data too, and not the module's own file alone.
    """
    top, _, _ = module.partition(".")
    found = sys.modules.get(top if whole else module)
    folders = [Path(place) for place in getattr(found, "__path__", ())] if whole else []
    if folders:
        several = {f"{top}/{number}": folder for number, folder in enumerate(folders)}
        return folder_digest(several, suffixes=None) if all(map(Path.is_dir, folders)) else None
    file = Path(getattr(found, "__file__", None) or "")
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else None
