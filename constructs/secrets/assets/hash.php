<?php

/**
 * hash.php make ALGORITHM SECRET-FILE           prints the hash of the secret
 * hash.php verify ALGORITHM SECRET-FILE HASH-FILE   ends with 0 when the hash is that of the secret, with 1 when not
 *
 * ALGORITHM is argon2 or pbkdf2, both with the parameters of hash.json and in the form of Authelia. The secret is read from its file; it is
 * no argument and in no output.
 */

require __DIR__ . '/first-error.php';
endAtFirstError('hash');

// hash.py reads the same file
define('PARAMETERS', json_decode((string) file_get_contents(__DIR__ . '/hash.json'), true, 4, JSON_THROW_ON_ERROR));

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

function argon2(#[\SensitiveParameter] string $secret): string
{
    ['memoryKiB' => $memory, 'iterations' => $iterations, 'parallelism' => $threads] = PARAMETERS['argon2'];

    return password_hash($secret, PASSWORD_ARGON2ID, ['memory_cost' => $memory, 'time_cost' => $iterations, 'threads' => $threads]);
}

function pbkdf2(#[\SensitiveParameter] string $secret, string $salt): string
{
    ['iterations' => $iterations, 'keyBytes' => $bytes] = PARAMETERS['pbkdf2'];
    $key = hash_pbkdf2('sha512', $secret, $salt, $iterations, $bytes, true);

    return sprintf('$pbkdf2-sha512$%d$%s$%s', $iterations, adaptedBase64($salt), adaptedBase64($key));
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
    echo $algorithm === 'argon2' ? argon2($secret) : pbkdf2($secret, random_bytes(PARAMETERS['pbkdf2']['saltBytes']));
    exit(0);
}
$hash = readText($hashFile);
exit(($algorithm === 'argon2' ? password_verify($secret, $hash) : verifyPbkdf2($secret, $hash)) ? 0 : 1);
