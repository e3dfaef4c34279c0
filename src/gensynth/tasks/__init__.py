"""What networks are asked to do: loss, decoding, quality; one file per task."""
