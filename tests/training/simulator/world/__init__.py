"""Tests of `training.simulator.world`."""
