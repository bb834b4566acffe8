"""Tests of `engine.console.door`."""
