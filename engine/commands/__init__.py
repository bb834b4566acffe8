"""The commands of `abonement`, one module each: parse, call, print.

Part of `engine.cli`, with its permissions: may import anything in `engine` and `models`. Heavy imports stay
inside the functions, so that `--help` answers at once. Read any module; they do not know each other.
"""
