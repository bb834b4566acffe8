"""Composition root: `uvicorn serve:app` or `python serve.py`; settings come from the environment."""

from engine.serving.app import app_from_environment, run

app = app_from_environment()

if __name__ == "__main__":
    run(app)
