<?php

/** Prints the migrations that the database has run, and the bytes of its tables, a line each. Changes nothing. */

$code = 70;
register_shutdown_function(static function () use (&$code): void {
    exit($code);
});

const ROOT = '/var/www/bookstack';

require ROOT . '/vendor/autoload.php';
$app = require ROOT . '/bootstrap/app.php';
$app->make(Illuminate\Contracts\Console\Kernel::class)->bootstrap();
restore_exception_handler();

use Illuminate\Support\Facades\DB;

try {
    foreach (DB::table('migrations')->orderBy('migration')->pluck('migration') as $name) {
        echo "migration\t{$name}\n";
    }
    $size = DB::selectOne('SELECT SUM(data_length + index_length) AS bytes FROM information_schema.tables WHERE table_schema = DATABASE()');
    echo "bytes\t" . (int) $size->bytes . "\n";
    $code = 0;
} catch (Throwable $error) {
    fwrite(STDERR, 'wiki facts: ' . get_class($error) . ': ' . $error->getMessage() . "\n");
    $code = 1;
}
