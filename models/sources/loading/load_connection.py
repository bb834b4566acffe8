"""The connection a load works through, and what DuckDB raises on it, as the errors a person reads."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from models.ground.errors import BadInput, CannotWrite
from models.sources.loading.load_under_way import LoadUnderWay
from models.sources.reading.data_folder import quoted
from models.sources.reading.declaration import Declaration

# What an operating system says where a file cannot be written, as DuckDB repeats it.
_UNWRITABLE = (
    "No space left on device",
    "Disk quota exceeded",
    "File too large",
    "Read-only file system",
    "Permission denied",
    "Not a directory",
)


@contextmanager
def connect(
    folder: Path, declaration: Declaration, memory: str, threads: int
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB connection in the shop's time zone that spills into `folder`/spill."""
    spill = folder / "spill"
    spill.mkdir()
    try:
        con = duckdb.connect(
            config={"memory_limit": memory, "threads": threads, "temp_directory": str(spill)}
        )
    except duckdb.Error as error:
        raise BadInput(
            f"memory = {memory!r} is not allowed; expected a size such as 2GB ({_first_line(error)})."
        ) from None
    with con:
        con.execute(f"SET TimeZone = {quoted(declaration.timezone)}")
        yield con


@contextmanager
def told_of(shop: LoadUnderWay, *tables: str) -> Iterator[None]:
    """Say which tables were being read when DuckDB stumbled over what is in them."""
    try:
        yield
    except (duckdb.OutOfMemoryException, duckdb.InterruptException, duckdb.IOException):
        raise
    except duckdb.Error as error:
        places = " or ".join(shop.sources[name].place for name in tables if name in shop.sources)
        raise BadInput(f"{places} could not be read: {_first_line(error)}.") from error


@contextmanager
def as_sentences(workspace: Path) -> Iterator[None]:
    """Turn what DuckDB raises for want of disk, memory or readable files into the errors a person reads."""
    try:
        yield
    except (duckdb.InterruptException, RuntimeError) as error:
        if "interrupted" in str(error).lower():  # Ctrl-C inside a query
            raise KeyboardInterrupt from error
        raise
    except duckdb.OutOfMemoryException as error:
        raise CannotWrite(
            f"The load needs more memory or temporary disk space than it was given; raise --memory or free space"
            f" in {workspace} ({_first_line(error)})."
        ) from error
    except duckdb.IOException as error:
        for refusal in _UNWRITABLE:
            if refusal in str(error):
                raise CannotWrite(
                    f"Cannot write into {workspace}: {refusal}; the former load stays."
                ) from error
        raise BadInput(f"A file could not be read: {_first_line(error)}.") from error
    except duckdb.Error as error:
        raise BadInput(f"The tables could not be read: {_first_line(error)}.") from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".")
