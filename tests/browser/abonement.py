"""`abonement` from this very checkout, as a process of its own."""

from engine.cli import main

if __name__ == "__main__":
    main()
