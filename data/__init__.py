"""What an allegation is: its vocabulary, its checked tables, its leak-free splits and a sample."""
