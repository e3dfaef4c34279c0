"""Probe plugin: usable class information, and the order in which channels carry it."""
