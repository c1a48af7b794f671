"""How much: variants of a subject in, samples and effects out."""
