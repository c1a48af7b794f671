"""A Go process over time: a program that allocates, its collector and scavenger, what stays resident and costs."""
