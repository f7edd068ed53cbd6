"""Reads lines of a kind and a text, and writes 1 for each text that is valid.

QRR: a Swiss QR reference; RF: an ISO 11649 reference; IBAN: any country's.
The last line is the version of python-stdnum.
"""

import sys

import stdnum
from stdnum import iban, iso11649
from stdnum.ch import esr

VALID = {
    # esr accepts references that lost their leading zeros.
    "QRR": lambda text: len(text) == 27 and esr.is_valid(text),
    "RF": iso11649.is_valid,
    "IBAN": lambda text: iban.is_valid(text, check_country=False),
}

for line in sys.stdin:
    kind, text = line.rstrip("\n").split(" ", 1)
    print(int(VALID[kind](text)))
print(stdnum.__version__)
