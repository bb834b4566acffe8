"""Composition root: `uvicorn serve:app` or `python serve.py`; settings come from the environment."""
