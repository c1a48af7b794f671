"""What would be: variants of a program simulated on common random numbers, compared, explained and recommended."""
