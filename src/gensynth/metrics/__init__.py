"""Costs of a built network: a network goes in, a number with a unit comes out."""
