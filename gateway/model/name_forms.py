"""Which written names are spellings, or short forms, of one name?"""

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
_SPELLING_OF = {name: group.split()[0] for group in _SPELLINGS for name in group.split()}
_LONG_OF = {short: frozenset(longs.split()) for short, longs in _SHORT_FORMS.items()}


def is_short_form(one: str, other: str) -> bool:
    """Tell whether either word is a short form of the other, such as Tom of Thomas."""
    return other in _LONG_OF.get(one, ()) or one in _LONG_OF.get(other, ())


def spelling_of(word: str) -> str:
    """Return the one spelling under which all spellings of a name are filed."""
    return _SPELLING_OF.get(word, word)


def may_be_one_name(one: str, other: str) -> bool:
    """Tell whether two folded words may be written for one name: spellings or short forms of it, as Bill and Will."""
    return not _long_forms(one).isdisjoint(_long_forms(other))


def _long_forms(word: str) -> frozenset[str]:
    return frozenset(spelling_of(name) for name in (word, *_LONG_OF.get(word, ())))
