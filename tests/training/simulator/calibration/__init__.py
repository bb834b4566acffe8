"""Tests of `training.simulator.calibration`."""
