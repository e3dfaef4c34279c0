"""Configuration options of this plugin."""
