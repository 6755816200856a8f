<?php

/**
 * Runs once before the wiki is served: brings the database to the version of the image and takes the stock account away.
 * Safe to repeat. The first administrator's password comes from a file; it is no argument and in no output.
 */

const ROOT = '/var/www/bookstack';
const STOCK_ACCOUNT = 'admin@admin.com';
const DATABASE_DEADLINE_SECONDS = 120;

require ROOT . '/vendor/autoload.php';
$app = require ROOT . '/bootstrap/app.php';
$kernel = $app->make(Illuminate\Contracts\Console\Kernel::class);
$kernel->bootstrap();

use BookStack\Users\Models\User;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Hash;

function say(string $text): void
{
    fwrite(STDERR, "setup: {$text}\n");
}

function waitForDatabase(): void
{
    $deadline = time() + DATABASE_DEADLINE_SECONDS;
    while (true) {
        try {
            DB::connection()->getPdo();

            return;
        } catch (Throwable $error) {
            if (time() >= $deadline) {
                say('no database: ' . $error->getMessage());
                exit(75);
            }
            DB::purge();
            sleep(2);
        }
    }
}

function takeStockAccountAway(string $email, string $name, string $password): void
{
    $stock = User::query()->where('email', '=', STOCK_ACCOUNT)->first();
    if ($stock === null) {
        return;
    }
    $stock->name = $name;
    $stock->email = $email;
    $stock->password = Hash::make($password);
    $stock->refreshSlug();
    $stock->save();
    say("the stock account is now {$email}");
}

waitForDatabase();
$code = $kernel->call('migrate', ['--force' => true]);
fwrite(STDERR, $kernel->output());
if ($code !== 0) {
    exit($code);
}
$kernel->call('cache:clear');
takeStockAccountAway(
    (string) getenv('WIKI_ADMIN_EMAIL'),
    (string) getenv('WIKI_ADMIN_NAME'),
    trim((string) file_get_contents('/run/secrets/wiki_admin_password')),
);
$left = User::query()->where('email', '=', STOCK_ACCOUNT)->count();
say("stock accounts left: {$left}");
exit($left === 0 ? 0 : 1);
