"""The Home Office form's messages, taken apart exactly as they are sent."""

from serving.eform.identifying import identifying
from serving.eform.message import fingerprint
from serving.eform.parsing import parse
from serving.eform.received import Received
from serving.eform.types import Attachment, Defect, Subject, Timing, Unread

__all__ = [
    "Attachment", "Defect", "Received", "Subject", "Timing", "Unread", "fingerprint",
    "identifying", "parse",
]  # fmt: skip
