"""Tests of `engine.serving.feed`."""
