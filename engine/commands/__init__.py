"""The commands of `abonement`, one module each: parse, call, print.

May import anything in `engine` and `models`, as a part of `engine.cli`. Heavy imports stay inside the functions, so that
`--help` answers at once. Read any module; they do not know each other.
"""
