"""One module a verb: it parses, calls one function below, and renders."""
