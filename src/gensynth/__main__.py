"""`python -m gensynth [job] overrides...`; see `gensynth --help`."""

from gensynth.jobs.entry import main

if __name__ == "__main__":
    main()
