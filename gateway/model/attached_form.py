"""What is told of a document that was attached to another?"""

from dataclasses import dataclass
from datetime import date

from gateway.model.category import Category, Sensitivity, Tells, told, written


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedForm:
    """A document somebody attached: a CAF form of a school, a letter with a referral; kept as it came.

    Nothing of it is routing data: that there is a letter is told to nobody who may not have it.
    """

    kind: str | None = told(Category.OPINION, Sensitivity.S0, locates=True, tells=(Tells.WORDS,))
    written_on: date | None = told(Category.OPINION, Sensitivity.S0, locates=True, tells=(Tells.WORDS,))
    author: str | None = told(Category.OPINION, Sensitivity.S1, locates=True, tells=(Tells.WORDS, Tells.STAFF))
    file_name: str | None = written(Category.OPINION)
    media_type: str | None = told(Category.OPINION, Sensitivity.S0, locates=True, tells=(Tells.WORDS,))
    sha256: str | None = written(Category.OPINION, Sensitivity.S3)
    """What names the bytes tells them apart, so it goes where they go."""
    content: str | None = written(Category.OPINION, Sensitivity.S3)
    """The document's bytes, base64."""
