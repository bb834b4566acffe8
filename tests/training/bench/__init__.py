"""Tests of `training.bench`."""
