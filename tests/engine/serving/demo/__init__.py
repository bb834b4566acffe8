"""Tests of `engine.serving.demo`."""
