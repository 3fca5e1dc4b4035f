"""What goes out: files for operators and other systems."""
