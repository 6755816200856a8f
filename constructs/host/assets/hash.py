#!/usr/bin/python3
"""Hashes of secrets on a host without PHP: the same arguments and output as hash.php, and the same parameters, from hash.json.

hash.py make ALGORITHM SECRET-FILE              prints the hash of the secret
hash.py verify ALGORITHM SECRET-FILE HASH-FILE  ends with 0 when the hash is that of the secret, with 1 when not
"""

import base64
import hashlib
import hmac
import json
import os
import sys

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "hash.json"), encoding="utf-8") as parameters:
    PARAMETERS = json.load(parameters)


def fail(code, text):
    print(f"hash: {text}", file=sys.stderr)
    sys.exit(code)


def read(path):
    try:
        with open(path, "rb") as file:
            text = file.read().strip()
    except OSError:
        text = b""
    if not text:
        fail(74, f"nothing to read at {path}")
    return text


def argon2(secret):
    from argon2 import PasswordHasher
    from argon2.low_level import Type

    cost = PARAMETERS["argon2"]
    hasher = PasswordHasher(
        time_cost=cost["iterations"],
        memory_cost=cost["memoryKiB"],
        parallelism=cost["parallelism"],
        # as PHP, which has no option for them
        hash_len=32,
        salt_len=16,
        type=Type.ID,
    )
    return hasher.hash(secret)


def argon2_matches(secret, hashed):
    from argon2.exceptions import InvalidHash, VerificationError
    from argon2.low_level import Type, verify_secret

    try:
        return verify_secret(hashed, secret, Type.ID)
    except (InvalidHash, VerificationError):
        return False


def adapted(data):
    """Base64 as crypt(3) and its descendants adapted it: "." for "+", and no padding."""
    return base64.b64encode(data).decode().replace("+", ".").rstrip("=")


def pbkdf2(secret, salt):
    iterations = PARAMETERS["pbkdf2"]["iterations"]
    key = hashlib.pbkdf2_hmac("sha512", secret, salt, iterations, PARAMETERS["pbkdf2"]["keyBytes"])
    return f"$pbkdf2-sha512${iterations}${adapted(salt)}${adapted(key)}"


def pbkdf2_matches(secret, hashed):
    parts = hashed.decode().split("$")
    if len(parts) != 5:
        return False
    salt = parts[3].replace(".", "+")
    salt = base64.b64decode(salt + "=" * (-len(salt) % 4))
    return hmac.compare_digest(pbkdf2(secret, salt).encode(), hashed)


def main(words):
    verb, algorithm, secret_file, hash_file = (words + ["", "", "", ""])[:4]
    if verb not in ("make", "verify") or algorithm not in ("argon2", "pbkdf2"):
        fail(64, "make or verify, argon2 or pbkdf2")
    secret = read(secret_file)
    if verb == "make":
        print(argon2(secret) if algorithm == "argon2" else pbkdf2(secret, os.urandom(PARAMETERS["pbkdf2"]["saltBytes"])), end="")
        return 0
    matches = argon2_matches if algorithm == "argon2" else pbkdf2_matches
    return 0 if matches(secret, read(hash_file)) else 1


sys.exit(main(sys.argv[1:]))
