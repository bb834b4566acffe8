"""Tests of the programme's metrics."""
