"""Tests of `training.simulator.loop`: policies, and the closed loop end to end on few households."""
