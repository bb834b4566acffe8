"""Tests of `engine.serving.http`."""
