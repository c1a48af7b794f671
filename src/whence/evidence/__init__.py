"""The nouns that every part of Whence speaks: frozen structs without input or output."""
