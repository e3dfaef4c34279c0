"""Generator plugin: designs whose like choices agree but for some of their own mind."""
