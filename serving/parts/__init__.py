"""Typed data of the pieces that pages are put together from, one macro of the templates each."""
