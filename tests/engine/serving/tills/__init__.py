"""Tests of `engine.serving.tills`."""
