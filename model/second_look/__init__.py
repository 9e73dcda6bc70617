"""The second look: ranking dismissed records, and saying what may still be missed."""

from model.second_look.picks import DoubtReceipt, EvidenceWord, Part, Pick, Precedent
from model.second_look.ranker import SecondLookRanker

__all__ = ["DoubtReceipt", "EvidenceWord", "Part", "Pick", "Precedent", "SecondLookRanker"]
