"""Tests of `engine.serving.access`."""
