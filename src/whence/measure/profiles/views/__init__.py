"""What a profile says, seen from one side at a time: top, tree, peek, callers, packages, types, lines."""
