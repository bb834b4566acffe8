"""Reading and checking a programme file; without a path, the shipped `engine/programme/classic.toml`."""

import tomllib
from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from engine.domain.offer_errors import BadProgramme
from engine.programme.presets import NoSuchPreset, effective_tables
from engine.programme.programme import Programme
from engine.programme.what_is_wrong import explain

DEFAULT_FILE = "classic.toml"


def programme_text(path: Path | None = None) -> str:
    """Return the text of a programme file; without a path the shipped default, for an owner to copy.

    Raises:
        BadProgramme: the file cannot be read.

    """
    if path is None:
        return resources.files("engine.programme").joinpath(DEFAULT_FILE).read_text(encoding="utf-8")
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadProgramme(f"expected a readable programme file at {path}: {error}") from error


def load_programme(path: Path | None = None) -> Programme:
    """Read and check a programme file; without a path the shipped default.

    Raises:
        BadProgramme: the file cannot be read, is not TOML, or asks for something unknown or impossible.

    """
    return parse_programme(programme_text(path), f"the shipped {DEFAULT_FILE}" if path is None else str(path))


def parse_programme(text: str, source: str) -> Programme:
    """Check the rules that a programme file stands for; `source` names it in messages."""
    try:
        return Programme.model_validate(effective_tables(text))
    except tomllib.TOMLDecodeError as error:
        raise BadProgramme(f"{source} is not TOML: {error}. Correct that place.") from error
    except ValidationError as error:
        raise BadProgramme(explain(error, Programme, source)) from error
    except NoSuchPreset as error:
        raise BadProgramme(f"{source} is refused:\n  {error}") from error
