"""One writer a format: columns in, bytes out."""
