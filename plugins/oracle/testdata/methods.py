"""Reads lines of a kind and a text, and writes 1 for each text that a wire method
of this kind may give, by the layouts in docs/wire-methods.md.

Check digits are those of python-stdnum where it has them. The others are computed
from whole numbers, and Reed-Solomon by evaluating the polynomial at its roots: no
way of calculating is that of the program under test. The last line is the version
of python-stdnum.
"""

import sys

import stdnum
from stdnum import iso11649, luhn
from stdnum.iso7064 import mod_11_2, mod_97_10

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def inner_112(own):
    """Payload and MOD 11-2; of the last digits that have a check, the tenth is not used."""
    head = own[:-2]
    usable = [head + d for d in "0123456789" if mod_11_2.calc_check_digit(head + d) != "X"]
    return mod_11_2.is_valid(own) and own[:-1] in usable[:9]


def inner_9710(own):
    return own[-2:] == mod_97_10.calc_check_digits(own[:-2])


def seven_three_one(text):
    total = sum(int(d) * w for d, w in zip(reversed(text[:-1]), [7, 3, 1] * 9))
    return (total + int(text[-1])) % 10 == 0


def weighted_11(body, weights):
    """The check digit, or None where the rule knows none of its own."""
    total = sum(int(d) * w for d, w in zip(reversed(body), weights))
    return {10: None, 11: 0}.get(11 - total % 11, 11 - total % 11)


KID = [2, 3, 4, 5, 6, 7] * 5
DUTCH = [2, 4, 8, 5, 10, 9, 7, 3, 6, 1] * 2
RISING = list(range(2, 30))


def steered(own, steer, check, weights):
    """The steering digit is 0, or 1 when 0 gives no check; then the check."""
    first = weighted_11(own + "0", weights)
    return steer == ("0" if first is not None else "1") and str(weighted_11(own + steer, weights)) == check


NUMERIC = {
    "be-ogm": (12, lambda t: int(t[-2:]) == (int(t[:10]) % 97 or 97) and t[0] != "0"),
    "fi-viite": (14, lambda t: seven_three_one(t) and inner_9710(t[:-1])),
    "ee-viite": (14, lambda t: seven_three_one(t) and inner_9710(t[:-1])),
    "no-kid10": (16, lambda t: luhn.is_valid(t) and inner_9710(t[:-1])),
    "no-kid11": (16, lambda t: inner_9710(t[:-2]) and steered(t[:-2], t[-2], t[-1], KID)),
    "se-ocr": (14, lambda t: luhn.is_valid(t) and inner_9710(t[:-1])),
    "se-ocr-length": (15, lambda t: luhn.is_valid(t) and t[-2] == "5" and inner_9710(t[:-2])),
    "dk-fik71": (15, lambda t: luhn.is_valid(t) and inner_9710(t[:-1])),
    "dk-fik75": (16, lambda t: luhn.is_valid(t) and inner_9710(t[:-1])),
    "nl-betalingskenmerk": (16, lambda t: inner_9710(t[1:-1]) and steered(t[1:-1], t[-1], t[0], DUTCH)),
    "hr-hr01": (12, lambda t: inner_9710(t[:-2]) and steered(t[:-2], t[-2], t[-1], RISING)),
    "si-si12": (13, lambda t: inner_9710(t[:-2]) and steered(t[:-2], t[-2], t[-1], RISING)),
    "vs": (10, inner_112),
    "au-bpay": (12, lambda t: luhn.is_valid(t) and inner_9710(t[:-1])),
    "rs-97": (14, lambda t: t[:2] == mod_97_10.calc_check_digits(t[2:]) and inner_112(t[2:])),
}
FRONT = {"nl-betalingskenmerk": 1, "rs-97": 2}


def multiply(a, b):
    product = 0
    for bit in range(5):
        if b >> bit & 1:
            product ^= a << bit
    for bit in range(8, 4, -1):
        if product >> bit & 1:
            product ^= 0b101001 << (bit - 5)
    return product


def token(text, slot, check):
    if len(text) != 1 + slot + check or text[0] != "T":
        return False
    for root in [2, 4, 8][:check]:
        value = 0
        for symbol in text:
            value = multiply(value, root) ^ CROCKFORD.index(symbol)
        if value:
            return False
    return True


def valid(kind, text):
    if kind == "ISO":
        return len(text) == 16 and iso11649.is_valid(text) and text[4:].isdigit() and text[4] != "0" and inner_112(text[4:])
    if kind.startswith("T-"):
        return token(text, *map(int, kind[2:].split("-")))
    digits, check = NUMERIC[kind]
    return len(text) == digits and text[FRONT.get(kind, 0)] != "0" and check(text)


for line in sys.stdin:
    kind, text = line.rstrip("\n").split(" ", 1)
    print(int(valid(kind, text)))
print(stdnum.__version__)
