"""The one place that writes evidence to disk, and reads it back."""
