<?php

/**
 * Runs once before the wiki is served: migrates the database to the version of the image and replaces the stock account.
 * Safe to repeat. It ends with 0 only after it has checked its own result. The first administrator's password comes from a file;
 * it is no argument and in no output.
 */

// whatever ends this program early is a failure, also an exit in code that is not ours
$code = 70;
register_shutdown_function(static function () use (&$code): void {
    exit($code);
});

const ROOT = '/var/www/bookstack';
const STOCK_ACCOUNT = 'admin@admin.com';
const DATABASE_DEADLINE_SECONDS = 120;

require ROOT . '/vendor/autoload.php';
require __DIR__ . '/database-update.php';
// before anything takes hold of a connection
DatabaseUpdate::neverRepeatStatements();
$app = require ROOT . '/bootstrap/app.php';
$kernel = $app->make(Illuminate\Contracts\Console\Kernel::class);
$kernel->bootstrap();
// Laravel's own handler prints an exception and then exits with 0
restore_exception_handler();

use BookStack\Users\Models\User;
use BookStack\Users\UserRepo;
use Illuminate\Support\Facades\DB;

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
                throw new SetupFailure('no database: ' . $error->getMessage(), 75);
            }
            sleep(2);
        }
    }
}

function replaceStockAccount(): void
{
    $stock = User::query()->where('email', '=', STOCK_ACCOUNT)->first();
    if ($stock === null) {
        return;
    }
    $password = trim((string) file_get_contents('/run/secrets/wiki_admin_password'));
    if ($password === '') {
        throw new SetupFailure('the password of the first administrator is empty: /run/secrets/wiki_admin_password');
    }
    $email = (string) getenv('WIKI_ADMIN_EMAIL');
    $users = app(UserRepo::class);
    // older versions have no update that leaves the audit log alone
    $update = method_exists($users, 'updateWithoutActivity') ? 'updateWithoutActivity' : 'update';
    $users->$update($stock, ['name' => (string) getenv('WIKI_ADMIN_NAME'), 'email' => $email, 'password' => $password], true);
    say("the stock account is now {$email}");
}

/** What has to be true before the wiki may be served. */
function verify(DatabaseUpdate $update): void
{
    $pending = $update->pending();
    if ($pending !== []) {
        throw new SetupFailure('migrations are still pending: ' . implode(', ', $pending));
    }
    $left = User::query()->where('email', '=', STOCK_ACCOUNT)->count();
    if ($left !== 0) {
        throw new SetupFailure('the stock account ' . STOCK_ACCOUNT . ' is still there');
    }
}

try {
    waitForDatabase();
    $update = new DatabaseUpdate($app, 'say');
    $finish = static function () use ($kernel, $update): void {
        if ($kernel->call('cache:clear') !== 0) {
            throw new SetupFailure('the cache cannot be cleared: ' . trim($kernel->output()));
        }
        replaceStockAccount();
        verify($update);
    };
    $update->run(static fn () => $kernel->call('migrate', ['--force' => true]), $finish);
    $finish();
    say('the database is up to date');
    $code = 0;
} catch (Throwable $error) {
    foreach (explain($error) as $line) {
        say($line);
    }
    $code = $error instanceof SetupFailure ? $error->getCode() : 1;
}
