"""Tests of `models.sources`: small shops written out as CSV and Parquet."""
