"""Tests of the night, by its rooms; beside them what holds for whole nights, and the shop and bucket that tests share."""
