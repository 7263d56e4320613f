"""Print `canonical_json.json`: values and their canonical form, and documents without one.

The expected bytes are written by hand after RFC 8785; nothing of Vasculum is used:
python generate_canonical_json.py > canonical_json.json
"""

from __future__ import annotations

import json
from typing import Any

# about, a document in any form, its canonical form
_CASES = [
    ("scalars", "[null, true, false, 0, -0, -17]", "[null,true,false,0,0,-17]"),
    ("the greatest integers", "[9007199254740991,-9007199254740991]", "[9007199254740991,-9007199254740991]"),
    ("white space goes", ' { "a" : [ 1 , 2 ] }\n', '{"a":[1,2]}'),
    ("names are sorted", '{"b":1,"a":{"d":2,"c":3}}', '{"a":{"c":3,"d":2},"b":1}'),
    ("the empty name comes first", '{"a":1,"":2}', '{"":2,"a":1}'),
    (
        "names are sorted by UTF-16 code units, so an emoji comes before U+FB33",
        '{"\ufb33":1,"\U0001f600":2,"\u20ac":3}',
        '{"\u20ac":3,"\U0001f600":2,"\ufb33":1}',
    ),
    ("escapes are undone where they can be", '"\\u00e9\\/\\u0041\\ud83d\\ude00"', '"\u00e9/A\U0001f600"'),
    (
        "controls are escaped, in the short form where there is one",
        '"\\u0000\\u0008\\u0009\\u000a\\u000b\\u000c\\u000d\\u001f\\u007f"',
        '"\\u0000\\b\\t\\n\\u000b\\f\\r\\u001f\x7f"',
    ),
    ("quotation mark and backslash", '"\\u0022\\u005c"', '"\\"\\\\"'),
    ("nothing is normalised", '["\u00e9","e\u0301"]', '["\u00e9","e\u0301"]'),
    ("line separators stay as they are", '"\\u2028\\u2029"', '"\u2028\u2029"'),
    ("empty containers", '{"a":{},"b":[]}', '{"a":{},"b":[]}'),
]

_REFUSED = [
    ("nothing", ""),
    ("a fraction", "1.5"),
    ("a fraction that is whole", "1.0"),
    ("an exponent", "1e2"),
    ("an integer beyond 2^53-1", "9007199254740992"),
    ("a negative integer beyond 2^53-1", "-9007199254740992"),
    ("NaN", "[NaN]"),
    ("Infinity", "-Infinity"),
    ("a name twice", '{"a":1,"a":1}'),
    ("a name twice, once escaped", '{"a":1,"\\u0061":2}'),
    ("half a surrogate pair", '"\\ud800"'),
    ("half a surrogate pair in a name", '{"\\udc00":1}'),
    ("a byte order mark", "\ufeff{}"),
    ("a control as it is", '"a\nb"'),
    ("a comma too many", "[1,]"),
    ("two documents", "{}{}"),
    ("a number with a leading zero", "01"),
    ("nesting of 129", "[" * 129 + "]" * 129),
]


def build() -> dict[str, Any]:
    """The whole document."""
    description = (
        "Canonical JSON (RFC 8785 without fractions, spec/identifiers.md). `input` and `canonical` are texts "
        "to be encoded as UTF-8: parsing `input` and printing it canonically gives `canonical`. Each text of "
        "`refused` is an error."
    )
    cases = [{"about": about, "input": text, "canonical": canonical} for about, text, canonical in _CASES]
    refused = [{"about": about, "input": text} for about, text in _REFUSED]
    return {"description": description, "cases": cases, "refused": refused}


if __name__ == "__main__":
    print(json.dumps(build(), indent=2))
