"""The server starts in a moment: it imports nothing of the night."""

import ast
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
HEAVY = (
    "training",
    "pandas",
    "numpy",
    "pyarrow",
    "duckdb",
    "lightgbm",
    "sklearn",
    "scipy",
    "joblib",
    "matplotlib",
    "fastapi_swagger",  # only its files are served
    "jinja2",  # a page's template is filled when somebody asks for the page
)


def run_python(code: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ABONEMENT_")}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=clean | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_server_starts_without_the_libraries_of_the_night(tmp_path: Path) -> None:
    code = (
        f"import sys, serve; print([name for name in {HEAVY} if name in sys.modules]); print(serve.app.title)"
    )
    done = run_python(code, ABONEMENT_WORKSPACE=str(tmp_path), ABONEMENT_CLOCK="system")
    assert done.stdout.splitlines() == ["[]", "Abonement"], done.stderr


def test_of_models_the_server_starts_with_the_filling_of_templates_and_the_ground(tmp_path: Path) -> None:
    code = "import sys, serve; print(*(name for name in sys.modules if name.startswith('models.')))"
    done = run_python(code, ABONEMENT_WORKSPACE=str(tmp_path), ABONEMENT_CLOCK="system")
    loaded = {name for name in done.stdout.split() if not name.startswith("models.ground")}
    assert loaded == {"models.pages", "models.pages.parts", "models.pages.rendering"}, done.stderr


def test_a_missing_setting_ends_the_start_with_one_sentence_and_code_2() -> None:
    done = run_python("import serve", ABONEMENT_CLOCK="system")
    assert done.returncode == 2
    assert done.stderr == "ABONEMENT_WORKSPACE is not set; set it, for example var/demo.\n"


def test_the_composition_root_is_short_and_imports_the_server_only() -> None:
    text = (ROOT / "serve.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 30
    imported = {node.module for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)}
    assert not any(isinstance(node, ast.Import) for node in ast.walk(ast.parse(text)))
    assert imported <= {"engine.serving.app", "engine.settings"}
