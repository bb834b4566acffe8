"""The commands of `abonement-train`, one module each; `training.cli` registers them. What is slow to import is imported inside."""
