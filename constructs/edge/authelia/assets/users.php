<?php

/**
 * users.php PEOPLE DATABASE SECRETS
 *
 * Updates DATABASE, Authelia's file of users, from PEOPLE (JSON): new users get the hash of their initial password from
 * SECRETS/user_<name>_hash, the others keep the hash that they have, under a previous name too, and those who are no longer named
 * are removed. A file that is not understood is left as it is, and nothing starts.
 */

require __DIR__ . '/first-error.php';
endAtFirstError('users');

const HASH = '/^\$[a-z0-9-]+\$[\x21-\x7e]+$/';

function fail(string $problem, int $code = 1): never
{
    fwrite(STDERR, "users: {$problem}\n");
    exit($code);
}

/** Name → password hash of each user in the file. */
function hashes(string $text, string $file): array
{
    $json = json_decode($text, true);
    $found = is_array($json) ? fromJson($json) : fromYaml($text);
    if ($found === null) {
        fail("{$file} cannot be understood; it is left as it is. Restore it from a backup, or rename it: then all users get their initial password again");
    }

    return $found;
}

/** The form in which this script writes; null when it is another. */
function fromJson(array $json): ?array
{
    if (!is_array($json['users'] ?? null)) {
        return null;
    }
    $found = array_map(static fn ($user) => is_array($user) ? ($user['password'] ?? null) : null, $json['users']);

    return array_filter($found, static fn ($hash) => !isHash($hash)) === [] ? $found : null;
}

/**
 * The format that Authelia writes when a user changes the password: a map of maps, one key per line, passwords
 * on the line of their key. Null if the format differs, or if a user has no password.
 */
function fromYaml(string $text): ?array
{
    $found = [];
    $name = null;
    $users = false;
    [$outer, $inner] = [null, null];
    foreach (preg_split('/\R/', $text) as $line) {
        if (preg_match('/^\s*(#.*)?$|^---\s*$/', $line)) {
            continue;
        }
        if (!preg_match('/^( *)(\S.*)$/', $line, $parts)) {
            return null;
        }
        [$indent, $content] = [strlen($parts[1]), $parts[2]];
        if ($indent === 0) {
            if ($users || !preg_match('/^users:\s*$/', $content)) {
                return null;
            }
            $users = true;
            continue;
        }
        $outer ??= $indent;
        if (!$users || $indent < $outer) {
            return null;
        }
        if ($indent === $outer) {
            $name = scalar(preg_match('/^(\S+):\s*$/', $content, $key) ? $key[1] : '');
            if ($name === null || array_key_exists($name, $found)) {
                return null;
            }
            $found[$name] = null;
            $inner = null;
            continue;
        }
        $inner ??= $indent;
        if ($indent === $inner && preg_match('/^password:\s+(\S.*)$/', $content, $value)) {
            $hash = scalar(trim($value[1]));
            if ($found[$name] !== null || !isHash($hash)) {
                return null;
            }
            $found[$name] = $hash;
        }
    }

    return $found !== [] && !in_array(null, $found, true) ? $found : null;
}

/** A text of one line, with quotes or without; null when it is none. */
function scalar(string $written): ?string
{
    if (preg_match("/^'((?:[^']|'')*)'$/", $written, $quoted)) {
        return str_replace("''", "'", $quoted[1]);
    }
    if (str_starts_with($written, '"')) {
        $read = json_decode($written);

        return is_string($read) ? $read : null;
    }

    return preg_match('/^[A-Za-z0-9_$][^\s#]*$/', $written) ? $written : null;
}

function isHash(mixed $value): bool
{
    return is_string($value) && preg_match(HASH, $value) === 1;
}

function firstHash(string $directory, string $name): string
{
    $file = "{$directory}/user_{$name}_hash";
    $hash = is_readable($file) ? trim((string) file_get_contents($file)) : '';

    return isHash($hash) ? $hash : fail("no hash at {$file}", 78);
}

/** The hash of a user in the file, by the current name or a previous one. */
function knownHash(array $known, string $name, array $previousNames): ?string
{
    foreach ([$name, ...$previousNames] as $candidate) {
        if (isset($known[$candidate])) {
            return $known[$candidate];
        }
    }

    return null;
}

function replace(string $file, string $text): void
{
    $new = "{$file}.new";
    @unlink($new);
    umask(0077);
    $handle = @fopen($new, 'x');
    if (!$handle || fwrite($handle, $text) !== strlen($text) || !fflush($handle) || !fsync($handle) || !fclose($handle) || !@rename($new, $file)) {
        fail("{$file} could not be written", 74);
    }
}

[, $peopleFile, $database, $secrets] = array_pad($argv, 4, '');
$people = json_decode((string) @file_get_contents($peopleFile), true);
if (!is_array($people) || $people === []) {
    fail("{$peopleFile} contains no user", 65);
}
$before = file_exists($database) ? @file_get_contents($database) : null;
if ($before === false) {
    fail("{$database} cannot be read", 74);
}
$known = $before === null ? [] : hashes($before, $database);

$users = [];
foreach ($people as $person) {
    ['name' => $name, 'displayName' => $displayName, 'email' => $email, 'groups' => $groups] = $person;
    $users[$name] = [
        'disabled' => false,
        'displayname' => $displayName,
        'password' => knownHash($known, $name, $person['previousNames'] ?? []) ?? firstHash($secrets, $name),
        'email' => $email,
        'groups' => $groups,
    ];
}
$text = json_encode(['users' => $users], JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR) . "\n";
if ($text !== $before) {
    replace($database, $text);
}
foreach (['new' => array_diff_key($users, $known), 'removed' => array_diff_key($known, $users)] as $what => $changed) {
    if ($changed !== []) {
        echo "users: {$what}: " . implode(', ', array_keys($changed)) . "\n";
    }
}
