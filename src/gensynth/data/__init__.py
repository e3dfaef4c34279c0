"""Data modules: images in memory, split once, augmented as whole batches."""
