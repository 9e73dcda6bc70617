"""What the machine thinks of an allegation: suggestions, doubts and rankings, with reasons."""
