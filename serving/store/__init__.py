"""Everything that is kept: the tables, their migrations, and the only SQL of the project.

``database.Store`` opens units of work; each repository answers in frozen dataclasses.
"""
