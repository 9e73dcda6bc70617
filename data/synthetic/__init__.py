"""Synthetic allegations with a known answer.

Nothing here comes from a real report: every fragment was written for this purpose, every
particular is invented. The true value follows from the facts by a rule (`truth`), the first
value from simulated assessors (`assessors`), the text from a grammar (`narrative`) and a typist
(`spelling`). What is assumed and what is known of the field is said in the sample's data card.
"""

from data.synthetic.sample import Sample, generate, write_sample

__all__ = ["Sample", "generate", "write_sample"]
