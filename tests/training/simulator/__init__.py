"""Tests of the shop with known truth."""
