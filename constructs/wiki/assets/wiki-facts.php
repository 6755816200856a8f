<?php

/** Prints the migrations that the database has run, and the bytes of its tables, a line each. Changes nothing. */

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
