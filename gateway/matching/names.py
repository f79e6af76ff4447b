"""When do two written names mean one name?

Twins are given names that look and sound alike, so likeness alone never makes two given names one: only equal spelling,
a list of spellings of one name, and a list of short forms do.
"""

import unicodedata
from itertools import pairwise

_NO_DECOMPOSITION = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)
_JOINERS = str.maketrans(dict.fromkeys("'`\u2019\u2018\u02bc.", ""))
_PLACEHOLDERS = frozenset(
    {"baby", "baby boy", "baby girl", "infant", "male infant", "female infant", "unborn", "unnamed", "anonymous"}
    | {"unknown", "not known", "notknown", "not given", "not applicable", "n a", "n k", "tbc", "none", "xx", "xxx"}
)

_SPELLINGS = (
    "mohammed muhammad mohamed mohammad muhammed mohamad muhamed mahomed",
    "ahmed ahmad",
    "yusuf yousef yousuf yousif yusef",
    "hussain hussein husain hossain",
    "aisha ayesha aysha aishah",
    "fatima fatimah",
    "zainab zaynab zeinab",
    "omar umar",
    "usman uthman",
    "abdullah abdallah",
    "ibrahim ebrahim",
    "sara sarah",
    "catherine katherine kathryn catharine",
    "philip phillip",
    "stephen steven",
    "geoffrey jeffrey",
    "rachel rachael",
    "rebecca rebekah",
    "nicholas nicolas",
    "isabel isobel isabelle",
    "elizabeth elisabeth",
    "theresa teresa",
    "matthew mathew",
    "jonathan jonathon",
    "lewis louis",
    "callum calum",
    "shaun sean shawn",
    "zoe zoey",
)
_SHORT_FORMS = {
    "alex": "alexander alexandra alexandria alexis",
    "andy": "andrew",
    "abby": "abigail",
    "abi": "abigail",
    "becky": "rebecca rebekah",
    "ben": "benjamin benedict",
    "beth": "elizabeth bethany",
    "bill": "william",
    "billy": "william",
    "bob": "robert",
    "bobby": "robert",
    "cathy": "catherine katherine",
    "charlie": "charles charlotte",
    "chris": "christopher christine christian christina",
    "dan": "daniel",
    "danny": "daniel",
    "dave": "david",
    "eddie": "edward edwin",
    "ellie": "eleanor elizabeth",
    "freddie": "frederick alfred",
    "gabe": "gabriel",
    "harry": "harold henry harrison",
    "izzy": "isabel isabella isobel isabelle",
    "jack": "john",
    "jake": "jacob",
    "jamie": "james",
    "jen": "jennifer",
    "jenny": "jennifer",
    "jess": "jessica",
    "jim": "james",
    "jo": "joanne joanna josephine joseph",
    "joe": "joseph",
    "jon": "jonathan jonathon",
    "josh": "joshua",
    "kate": "catherine katherine kathryn",
    "katie": "catherine katherine kathryn",
    "leo": "leonard leonardo",
    "libby": "elizabeth",
    "liz": "elizabeth",
    "lizzie": "elizabeth",
    "maggie": "margaret",
    "matt": "matthew mathew",
    "max": "maximilian maxwell",
    "mike": "michael",
    "millie": "millicent camilla amelia emily",
    "mo": "mohammed muhammad mohamed mohammad",
    "molly": "mary margaret",
    "nat": "nathan nathaniel natalie",
    "nick": "nicholas nicolas",
    "ollie": "oliver olivia",
    "pat": "patrick patricia",
    "pete": "peter",
    "phil": "philip phillip",
    "rob": "robert",
    "ron": "ronald",
    "sam": "samuel samantha",
    "sophie": "sophia",
    "steve": "stephen steven",
    "sue": "susan suzanne",
    "tom": "thomas",
    "tommy": "thomas",
    "tony": "anthony antony",
    "vicky": "victoria",
    "will": "william",
    "zac": "zachary zachariah",
    "zach": "zachary zachariah",
}
_SHARED_BY_BROTHERS = frozenset({"mohammed", "md", "abdul", "abdal", "syed", "sayed", "sayyid", "maria", "mary"})
_SPELLING_OF = {name: group.split()[0] for group in _SPELLINGS for name in group.split()}
_LONG_OF = {short: frozenset(longs.split()) for short, longs in _SHORT_FORMS.items()}

_SOUNDS = {
    letter: digit
    for letters, digit in (("bfpv", "1"), ("cgjkqsxz", "2"), ("dt", "3"), ("l", "4"), ("mn", "5"), ("r", "6"))
    for letter in letters
}
_SOUNDEX_LENGTH = 4


def words_of(name: str | None) -> tuple[str, ...]:
    """Return the words of *name*, folded, without accents and apostrophes; nothing if it only says "not known"."""
    if name is None:
        return ()
    spread = unicodedata.normalize("NFKD", name.casefold().translate(_NO_DECOMPOSITION).translate(_JOINERS))
    plain = "".join(mark if mark.isalnum() else " " for mark in spread if not unicodedata.combining(mark))
    words = tuple(plain.split())
    return () if " ".join(words) in _PLACEHOLDERS else words


def is_short_form(one: str, other: str) -> bool:
    """Tell whether either word is a short form of the other, such as Tom of Thomas."""
    return other in _LONG_OF.get(one, ()) or one in _LONG_OF.get(other, ())


def is_shared_by_brothers(word: str) -> bool:
    """Tell whether *word* is a first name often given to several children of a family, each with another after it."""
    return spelling_of(word) in _SHARED_BY_BROTHERS


def spelling_of(word: str) -> str:
    """Return the one spelling under which all spellings of a name are filed."""
    return _SPELLING_OF.get(word, word)


def soundex(word: str) -> str:
    """Return the Soundex code of a folded word: its first letter and three digits for how the rest sounds.

    Letters outside a to z count as vowels. The empty word has the empty code.

    Source: the American Soundex of the census offices, as published by the US National Archives.
    """
    if not word:
        return ""
    # H and W do not part two letters that sound alike; vowels do.
    heard = [_SOUNDS.get(letter, "") for letter in word if letter not in "hw"]
    first = _SOUNDS.get(word[0], "")
    coded = [first, *heard[1:]] if word[0] not in "hw" else ["", *heard]
    digits = "".join(later for earlier, later in pairwise(coded) if later and later != earlier)
    return (word[0].upper() + digits + "000")[:_SOUNDEX_LENGTH]
