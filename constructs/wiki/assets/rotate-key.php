<?php

/**
 * rotate-key.php encrypt | check | refused: the step of a rotation of APP_KEY in the wiki. Reads the old key from standard input.
 *
 * encrypt: encrypts with APP_KEY what BookStack stores encrypted with the old key, the second factors of its own login form.
 * check: makes sure that all of it can be read with APP_KEY alone. refused: makes sure that BookStack reads nothing with the old key.
 */

$old = trim((string) stream_get_contents(STDIN));
$step = $argv[1] ?? '';
// PHP reads it automatically before files only
require_once '/etc/bookstack/secrets.php';
require '/var/www/bookstack/vendor/autoload.php';
$app = require '/var/www/bookstack/bootstrap/app.php';
$app->make(Illuminate\Contracts\Console\Kernel::class)->bootstrap();
// Laravel's own handler prints an exception and then exits with 0
restore_exception_handler();

use Illuminate\Contracts\Encryption\DecryptException;
use Illuminate\Encryption\Encrypter;
use Illuminate\Support\Facades\DB;

function fail(string $problem): never
{
    fwrite(STDERR, "rotate-key: {$problem}\n");
    exit(1);
}

function encrypter(#[\SensitiveParameter] string $key): Encrypter
{
    $bytes = str_starts_with($key, 'base64:') ? base64_decode(substr($key, 7)) : $key;

    return new Encrypter($bytes, (string) config('app.cipher'));
}

function readable(Encrypter $with, string $value): ?string
{
    try {
        return $with->decrypt($value, false);
    } catch (DecryptException) {
        return null;
    }
}

/** A value that someone changes at the same moment is left to them: they encrypt with the new key already. */
function encryptAgain(Encrypter $new, Encrypter $before): int
{
    $changed = 0;
    foreach (DB::table('mfa_values')->orderBy('id')->get() as $row) {
        if (readable($new, $row->value) !== null) {
            continue;
        }
        $text = readable($before, $row->value) ?? fail("the second factor {$row->id} of user {$row->user_id} is readable with neither key");
        $changed += DB::table('mfa_values')->where('id', '=', $row->id)->where('value', '=', $row->value)->update(['value' => $new->encrypt($text, false)]);
    }

    return $changed;
}

$new = encrypter((string) config('app.key'));
$before = encrypter($old);
try {
    match ($step) {
        'encrypt' => print(encryptAgain($new, $before) . "\n"),
        'check' => DB::table('mfa_values')->get()->each(static fn ($row) => readable($new, $row->value) ?? fail("the second factor {$row->id} is not readable")),
        'refused' => readable(app('encrypter'), $before->encrypt('text', false)) === null ?: fail('the wiki still accepts the old key'),
        default => fail("there is no step {$step}"),
    };
} catch (Throwable $error) {
    fail($error->getMessage());
}
