"""Write the golden nights anew."""

import tempfile
from pathlib import Path

from tests.engine.nightly.golden_shop import run_golden_nights
from tests.engine.nightly.golden_text import TOLD, golden_text
from tests.golden.night import GOLDEN, as_text, run_night

with tempfile.TemporaryDirectory() as folder:
    GOLDEN.write_text(as_text(run_night(Path(folder))), encoding="utf-8")
with tempfile.TemporaryDirectory() as folder:
    TOLD.write_text(golden_text(run_golden_nights(Path(folder))), encoding="utf-8")
