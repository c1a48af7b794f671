"""The measured history of Go's memory as text and picture."""
