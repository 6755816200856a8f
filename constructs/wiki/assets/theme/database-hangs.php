<?php

/**
 * Ends a request soon when the database does not answer.
 *
 * Laravel connects again and repeats the statement when a connection is lost, and BookStack's error page reads the database, too: with a
 * database that accepts connections and says nothing, each of them waits for mysqlnd.net_read_timeout, so that one request holds a worker
 * for minutes. Here the first wait of a request is its last one.
 */

use Illuminate\Database\Connection;
use Illuminate\Database\Connectors\MySqlConnector;
use Illuminate\Database\MySqlConnection;
use Illuminate\Database\QueryException;

final class DatabaseHangs
{
    /** Whether the database let this request wait. */
    private static bool $seen = false;

    /** Runs `$attempt`; a failure that took as long as the timeout, or nearly, is a database that hangs. */
    public static function watch(callable $attempt): mixed
    {
        if (self::$seen) {
            throw new \PDOException('the database did not answer in time');
        }
        $started = microtime(true);
        try {
            return $attempt();
        } catch (\Throwable $error) {
            self::$seen = self::$seen || microtime(true) - $started >= (float) ini_get('mysqlnd.net_read_timeout') - 1;
            throw $error;
        }
    }

    public static function seen(): bool
    {
        return self::$seen;
    }
}

class ImpatientConnector extends MySqlConnector
{
    protected function createPdoConnection($dsn, $username, #[\SensitiveParameter] $password, $options)
    {
        return DatabaseHangs::watch(fn () => parent::createPdoConnection($dsn, $username, $password, $options));
    }

    protected function tryAgainIfCausedByLostConnection(\Throwable $error, $dsn, $username, #[\SensitiveParameter] $password, $options)
    {
        if (DatabaseHangs::seen()) {
            throw $error;
        }

        return parent::tryAgainIfCausedByLostConnection($error, $dsn, $username, $password, $options);
    }
}

class ImpatientConnection extends MySqlConnection
{
    protected function runQueryCallback($query, $bindings, Closure $callback)
    {
        return DatabaseHangs::watch(fn () => parent::runQueryCallback($query, $bindings, $callback));
    }

    protected function handleQueryException(QueryException $error, $query, $bindings, Closure $callback)
    {
        if (DatabaseHangs::seen()) {
            throw $error;
        }

        return parent::handleQueryException($error, $query, $bindings, $callback);
    }
}

// a command of an operator waits as long as its statement takes
if (!app()->runningInConsole()) {
    app()->bind('db.connector.mysql', ImpatientConnector::class);
    Connection::resolverFor('mysql', static fn (...$arguments) => new ImpatientConnection(...$arguments));
}
