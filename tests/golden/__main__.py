"""Write the golden night anew."""

import tempfile
from pathlib import Path

from tests.golden.night import GOLDEN, as_text, run_night

with tempfile.TemporaryDirectory() as folder:
    GOLDEN.write_text(as_text(run_night(Path(folder))), encoding="utf-8")
