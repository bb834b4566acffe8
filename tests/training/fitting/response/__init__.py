"""Tests of `training.fitting.response`."""
