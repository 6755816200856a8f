<?php

/**
 * Ends the program at its first warning or exception, because a step that failed must not be followed by another one. The
 * message begins with the name of the program, and has no stack trace, which would show arguments.
 */
function endAtFirstError(string $program): void
{
    error_reporting(E_ALL & ~E_DEPRECATED);
    ini_set('display_errors', 'stderr');
    set_error_handler(static function (int $level, string $message, string $file, int $line): bool {
        return (error_reporting() & $level) === 0 ? false : throw new ErrorException($message, 0, $level, $file, $line);
    });
    set_exception_handler(static function (Throwable $error) use ($program): never {
        fwrite(STDERR, "{$program}: {$error->getMessage()} in line {$error->getLine()}\n");
        exit(70);
    });
}
