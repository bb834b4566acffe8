"""The commands of `abonement-train`, one module each; `training.cli` registers them.

May import anything in `training` and `models`. What is slow to import is imported inside. Read any module, `fit` first; they
do not know each other: what they share is in `options`.
"""
