"""A world by its name or from anybody's TOML file.

A file says all that its world assumes, or that it is `like` a world that comes along (folder `worlds`) and in what it
differs; unknown and missing keys are refused by name.
"""

import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from models.ground.errors import BadInput
from models.ground.toml_text import parse_toml
from training.simulator.world.world_parameters import WorldParameters


def world_names() -> tuple[str, ...]:
    """Names of the worlds that come with the simulator."""
    shipped = resources.files("training.simulator.world").joinpath("worlds").iterdir()
    return tuple(
        sorted(entry.name.removesuffix(".toml") for entry in shipped if entry.name.endswith(".toml"))
    )


def load_world(world: str | Path) -> WorldParameters:
    """Read a world by its name or from a file.

    Raises:
        BadInput: there is no such world, or its file is not readable, not TOML, or not a world.

    """
    return parse_world(*world_text(world))


def world_text(world: str | Path) -> tuple[str, str]:
    """The text of a world by its name or from a file, and what messages call it; BadInput where there is none."""
    if str(world) in world_names():
        return _shipped(str(world)), f"the world {world}"
    path = Path(world)
    if not path.is_file():
        raise BadInput(f"There is no world {world}; name one of {', '.join(world_names())}, or a file.")
    try:
        return path.read_text(encoding="utf-8"), str(path)
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"Expected a readable world file at {path}: {error}.") from error


def parse_world(text: str, source: str) -> WorldParameters:
    """Check the text of a world file; `source` names it in messages."""
    try:
        return WorldParameters.model_validate(_whole(parse_toml(text), source))
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{source} is not TOML: {error}. Correct that place.") from error
    except ValidationError as error:
        raise BadInput(f"{source} is no world: {_explained(error)}.") from error


def _shipped(name: str) -> str:
    folder = resources.files("training.simulator.world").joinpath("worlds")
    return folder.joinpath(f"{name}.toml").read_text(encoding="utf-8")


def _whole(tree: dict[str, Any], source: str) -> dict[str, Any]:
    """Complete a world that is `like` one that comes along: what it leaves out is as there, but for its words."""
    if "like" not in tree:
        return tree
    like = tree.pop("like")
    if like not in world_names():
        raise BadInput(f"{source} is like {like!r}; a world can be like {', '.join(world_names())}.")
    whole = tomllib.loads(_shipped(like))
    del whole["name"], whole["unidentified"]
    for key, value in tree.items():
        both = isinstance(value, dict) and isinstance(whole.get(key), dict)
        whole[key] = whole[key] | value if both else value
    return whole


def _explained(error: ValidationError) -> str:
    problems = []
    for detail in error.errors():
        key = ".".join(str(part) for part in detail["loc"])
        if detail["type"] == "extra_forbidden":
            problems.append(f"unknown key {key}")
        elif detail["type"] == "missing":
            problems.append(f"key {key} is missing")
        else:
            problems.append(f"{key}: {detail['msg'][0].lower()}{detail['msg'][1:]}, got {detail['input']!r}")
    return "; ".join(problems)
