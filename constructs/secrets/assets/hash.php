<?php

/**
 * hash.php make ALGORITHM SECRET-FILE           prints the hash of the secret
 * hash.php verify ALGORITHM SECRET-FILE HASH-FILE   ends with 0 when the hash is that of the secret, with 1 when not
 *
 * ALGORITHM is argon2 or pbkdf2, both with the parameters and in the form of Authelia. The secret is read from its file; it is
 * no argument and in no output.
 */

// a warning is a step that failed: nothing goes on after it
error_reporting(E_ALL & ~E_DEPRECATED);
ini_set('display_errors', 'stderr');
set_error_handler(static function (int $level, string $message, string $file, int $line): bool {
    return (error_reporting() & $level) === 0 ? false : throw new ErrorException($message, 0, $level, $file, $line);
});
// without a stack trace, which would show arguments
set_exception_handler(static function (Throwable $error): never {
    fwrite(STDERR, 'hash: ' . $error->getMessage() . ' in line ' . $error->getLine() . "\n");
    exit(70);
});

const ARGON2 = ['memory_cost' => 65536, 'time_cost' => 3, 'threads' => 4];
const PBKDF2_ITERATIONS = 310000;
const PBKDF2_SALT_BYTES = 16;
const PBKDF2_KEY_BYTES = 64;

function readText(string $file): string
{
    $text = is_readable($file) ? trim((string) file_get_contents($file)) : '';
    if ($text === '') {
        fwrite(STDERR, "hash: nothing to read at {$file}\n");
        exit(74);
    }

    return $text;
}

/** Base64 as crypt(3) and its descendants adapted it: `.` for `+`, and no padding. */
function adaptedBase64(string $bytes): string
{
    return rtrim(strtr(base64_encode($bytes), '+', '.'), '=');
}

function pbkdf2(#[\SensitiveParameter] string $secret, string $salt): string
{
    $key = hash_pbkdf2('sha512', $secret, $salt, PBKDF2_ITERATIONS, PBKDF2_KEY_BYTES, true);

    return sprintf('$pbkdf2-sha512$%d$%s$%s', PBKDF2_ITERATIONS, adaptedBase64($salt), adaptedBase64($key));
}

function verifyPbkdf2(#[\SensitiveParameter] string $secret, string $hash): bool
{
    $salt = base64_decode(strtr(explode('$', $hash)[3] ?? '', '.', '+'));

    return hash_equals(pbkdf2($secret, (string) $salt), $hash);
}

[, $verb, $algorithm, $secretFile, $hashFile] = array_pad($argv, 5, '');
if (!in_array($verb, ['make', 'verify'], true) || !in_array($algorithm, ['argon2', 'pbkdf2'], true)) {
    fwrite(STDERR, "hash: make or verify, argon2 or pbkdf2\n");
    exit(64);
}
$secret = readText($secretFile);
if ($verb === 'make') {
    echo $algorithm === 'argon2' ? password_hash($secret, PASSWORD_ARGON2ID, ARGON2) : pbkdf2($secret, random_bytes(PBKDF2_SALT_BYTES));
    exit(0);
}
$hash = readText($hashFile);
exit(($algorithm === 'argon2' ? password_verify($secret, $hash) : verifyPbkdf2($secret, $hash)) ? 0 : 1);
