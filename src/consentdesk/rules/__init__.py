"""What the desk believes: vocabulary, addresses, times, the fold and the decision. Pure: no I/O, no clock."""
