"""Tests of `engine.serving.operations`."""
