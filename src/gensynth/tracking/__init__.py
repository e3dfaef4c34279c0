"""What a synthesis reports while it runs: the contract in `tracker.py`, one file per member."""
