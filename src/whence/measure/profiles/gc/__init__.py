"""The collector and the memory of one run: what it did, what it cost, what it limited when."""
