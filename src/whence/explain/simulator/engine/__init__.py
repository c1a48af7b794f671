"""One Go process over time: a program that allocates, its collector and scavenger, what stays resident, what costs CPU."""
