"""Tests of `training.simulator.world.behaviour`."""
