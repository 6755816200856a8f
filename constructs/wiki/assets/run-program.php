<?php

// Starts BookStack for a program that follows in the same text, which sets $code when it succeeded.

// whatever ends the program early is a failure, also an exit in code that is not ours
$code = 70;
register_shutdown_function(static function () use (&$code): void {
    exit($code);
});

const ROOT = '/var/www/bookstack';

require ROOT . '/vendor/autoload.php';
$app = require ROOT . '/bootstrap/app.php';
$app->make(Illuminate\Contracts\Console\Kernel::class)->bootstrap();
// Laravel's own handler prints an exception and then exits with 0
restore_exception_handler();
