"""Tests of `engine.nightly.folder`."""
