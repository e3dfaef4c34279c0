"""Choices derived from a graph; a graph and a design make a graph; what designs cost."""
