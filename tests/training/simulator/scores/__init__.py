"""Tests of `training.simulator.scores`."""
