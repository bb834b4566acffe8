"""Tests of `training.simulator.oracle`."""
