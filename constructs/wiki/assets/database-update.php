<?php

/**
 * Migrates a copy of the database, which takes the place of the original only when every migration succeeded.
 * MySQL commits each change of a table at once: a migration that fails halfway would leave a database that no version understands.
 */

use Illuminate\Contracts\Foundation\Application;
use Illuminate\Database\Connection;
use Illuminate\Database\Events\MigrationStarted;
use Illuminate\Database\MySqlConnection;
use Illuminate\Database\QueryException;
use Illuminate\Support\Facades\DB;

/** An error whose message is printed unchanged; the code is the exit code. */
final class SetupFailure extends RuntimeException
{
    public function __construct(string $message, int $code = 1, ?Throwable $cause = null)
    {
        parent::__construct($message, $code, $cause);
    }
}

final class DatabaseUpdate
{
    /** Seconds to wait for a lock of another connection, such as a dump. */
    private const LOCK_SECONDS = 600;
    /** Seconds to wait until no other connection uses the database. */
    private const ALONE_SECONDS = 30;
    /** Length of the time that a migration's name begins with: 2025_02_05_150842 */
    private const TIME_LENGTH = 17;

    private readonly string $live;
    private readonly string $copy;
    private readonly string $outdated;
    private ?string $migration = null;
    private bool $swapped = false;

    public function __construct(private readonly Application $app, private readonly Closure|string $say)
    {
        $this->live = DB::connection()->getDatabaseName();
        $this->copy = "{$this->live}_update";
        $this->outdated = "{$this->live}_outdated";
    }

    /** Laravel repeats a statement when the connection was lost, although the server may have carried it out. */
    public static function neverRepeatStatements(): void
    {
        Connection::resolverFor('mysql', static fn ($pdo, $database, $prefix, $config) => new class ($pdo, $database, $prefix, $config) extends MySqlConnection {
            protected function handleQueryException(QueryException $error, $query, $bindings, Closure $callback)
            {
                throw $error;
            }
        });
    }

    /** Names of the migrations that the image has and the database has not. */
    public function pending(): array
    {
        return array_values(array_diff(array_keys($this->files()), $this->ran()));
    }

    /** Runs `migrate` and then `finish` on a copy, and puts it in the place of the database. Does nothing when no migration is pending. */
    public function run(callable $migrate, callable $finish): void
    {
        $this->wait(self::LOCK_SECONDS);
        $this->forget();
        $this->refuseNewer();
        $pending = $this->pending();
        if ($pending === []) {
            return;
        }
        try {
            $this->requireAlone();
            $this->makeCopy();
            $this->watch(count($pending));
            if ($migrate() !== 0) {
                throw new SetupFailure('migrate ended with an error');
            }
            $this->migration = null;
            $finish();
            $this->onDatabase($this->live);
            $this->swap();
        } catch (Throwable $error) {
            throw $this->failure($error, $pending);
        }
    }

    private function files(): array
    {
        $migrator = $this->app->make('migrator');

        return $migrator->getMigrationFiles([...$migrator->paths(), $this->app->databasePath('migrations')]);
    }

    private function ran(): array
    {
        $migrator = $this->app->make('migrator');

        return $migrator->repositoryExists() ? $migrator->getRepository()->getRan() : [];
    }

    /** The tables of a newer version would be read with the code of an older one. */
    private function refuseNewer(): void
    {
        $files = array_keys($this->files());
        $newest = $files === [] ? '' : max($files);
        $newer = array_filter(
            array_diff($this->ran(), $files),
            static fn (string $name) => strncmp($name, $newest, self::TIME_LENGTH) > 0,
        );
        if ($newer !== []) {
            throw new SetupFailure(
                'the database is that of a newer BookStack (' . implode(', ', $newer) . '). Set images.bookstack back to the newer image, or restore a set that was made before that update',
            );
        }
    }

    /** What others write from now on would be missing in the copy. */
    private function requireAlone(): void
    {
        $deadline = time() + self::ALONE_SECONDS;
        do {
            $own = (int) DB::selectOne('SELECT CONNECTION_ID() AS id')->id;
            $others = array_filter(DB::select('SHOW PROCESSLIST'), static fn (object $thread) => (int) $thread->Id !== $own);
            if ($others === []) {
                return;
            }
            sleep(1);
        } while (time() < $deadline);
        $hosts = array_unique(array_map(static fn (object $thread) => $thread->Host, $others));
        throw new SetupFailure('the wiki, or a command in it, still uses the database (' . implode(', ', $hosts) . '); stop it before an update');
    }

    private function makeCopy(): void
    {
        $others = DB::selectOne(
            'SELECT (SELECT COUNT(*) FROM information_schema.views WHERE table_schema = ?) + (SELECT COUNT(*) FROM information_schema.triggers WHERE trigger_schema = ?) AS n',
            [$this->live, $this->live],
        );
        if ((int) $others->n !== 0) {
            throw new SetupFailure('the database has views or triggers, which BookStack does not make and an update cannot carry over; remove them');
        }
        $charset = DB::selectOne('SELECT @@character_set_database AS name, @@collation_database AS collation');
        DB::statement("CREATE DATABASE `{$this->copy}` CHARACTER SET {$charset->name} COLLATE {$charset->collation}");
        $tables = $this->tables($this->live);
        $create = array_map(fn (string $table) => ((array) DB::selectOne("SHOW CREATE TABLE `{$this->live}`.`{$table}`"))['Create Table'], $tables);
        $this->onDatabase($this->copy);
        DB::statement('SET @mode = @@SESSION.sql_mode');
        // a row may have the id 0, and tables refer to each other
        DB::statement("SET SESSION foreign_key_checks = 0, sql_mode = 'NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION'");
        foreach ($create as $statement) {
            DB::statement($statement);
        }
        foreach ($tables as $number => $table) {
            ($this->say)(sprintf('copies table %d of %d: %s', $number + 1, count($tables), $table));
            $this->copyRows($table);
        }
        DB::statement('SET SESSION foreign_key_checks = 1, sql_mode = @mode');
    }

    private function copyRows(string $table): void
    {
        $columns = array_column(DB::select(
            "SELECT column_name AS name FROM information_schema.columns WHERE table_schema = ? AND table_name = ? AND generation_expression = '' ORDER BY ordinal_position",
            [$this->live, $table],
        ), 'name');
        $list = '`' . implode('`, `', $columns) . '`';
        DB::statement("INSERT INTO `{$this->copy}`.`{$table}` ({$list}) SELECT {$list} FROM `{$this->live}`.`{$table}`");
        $rows = DB::selectOne("SELECT (SELECT COUNT(*) FROM `{$this->live}`.`{$table}`) AS wanted, (SELECT COUNT(*) FROM `{$this->copy}`.`{$table}`) AS found");
        if ((int) $rows->wanted !== (int) $rows->found) {
            throw new SetupFailure("the copy of {$table} has {$rows->found} rows instead of {$rows->wanted}");
        }
    }

    /** Notes and says which migration runs. */
    private function watch(int $total): void
    {
        $number = 0;
        $this->app->make('events')->listen(MigrationStarted::class, function (MigrationStarted $event) use (&$number, $total): void {
            $this->migration = basename((string) (new ReflectionObject($event->migration))->getFileName(), '.php');
            ($this->say)(sprintf('migration %d of %d: %s', ++$number, $total, $this->migration));
        });
    }

    /** One statement, which MySQL carries out whole or not at all. */
    private function swap(): void
    {
        ($this->say)('the migrated copy takes the place of the database');
        DB::statement("CREATE DATABASE `{$this->outdated}`");
        $renames = [...$this->renames($this->live, $this->outdated), ...$this->renames($this->copy, $this->live)];
        try {
            DB::unprepared('RENAME TABLE ' . implode(', ', $renames));
        } catch (Throwable $error) {
            // a lost connection does not tell whether it was carried out
            $this->reconnect();
            if ($this->tables($this->copy) !== [] || $this->pending() !== []) {
                throw $error;
            }
        }
        $this->swapped = true;
        $this->tryToForget();
    }

    private function renames(string $from, string $to): array
    {
        return array_map(static fn (string $table) => "`{$from}`.`{$table}` TO `{$to}`.`{$table}`", $this->tables($from));
    }

    private function tables(string $schema): array
    {
        return array_column(DB::select(
            "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ? AND table_type = 'BASE TABLE' ORDER BY table_name",
            [$schema],
        ), 'name');
    }

    /** On the same connection, which others have taken hold of, such as the cache. */
    private function onDatabase(string $name): void
    {
        DB::unprepared("USE `{$name}`");
        DB::connection()->setDatabaseName($name);
    }

    private function reconnect(): void
    {
        DB::reconnect();
        $this->onDatabase($this->live);
    }

    private function wait(int $seconds): void
    {
        DB::statement("SET SESSION lock_wait_timeout = {$seconds}, innodb_lock_wait_timeout = {$seconds}");
    }

    /** Drops what an update left behind: copies, never the database itself. */
    private function forget(): void
    {
        DB::statement('SET SESSION foreign_key_checks = 0');
        DB::statement("DROP DATABASE IF EXISTS `{$this->copy}`");
        DB::statement("DROP DATABASE IF EXISTS `{$this->outdated}`");
        DB::statement('SET SESSION foreign_key_checks = 1');
    }

    /** Nothing depends on it: the next run does it again. */
    private function tryToForget(): void
    {
        try {
            $this->reconnect();
            $this->wait(10);
            $this->forget();
        } catch (Throwable $error) {
            ($this->say)('the copy stays until the next run: ' . $error->getMessage());
        }
    }

    private function failure(Throwable $error, array $pending): Throwable
    {
        if ($this->swapped) {
            return $error;
        }
        $migration = $this->migration;
        $this->tryToForget();
        $where = $migration === null ? 'the update of the database failed' : "the migration {$migration} failed";
        $lines = [
            $where . ', of ' . count($pending) . ' pending',
            ...explain($error),
            'the database is unchanged: migrations run on a copy, which replaces it only when all of them succeeded',
        ];

        return new SetupFailure(implode("\n", $lines), 1, $error);
    }
}

/** What went wrong, line by line, without values from the database. */
function explain(Throwable $error): array
{
    if ($error instanceof SetupFailure) {
        return explode("\n", $error->getMessage());
    }
    if (!$error instanceof QueryException) {
        return [get_class($error) . ': ' . $error->getMessage() . ' in ' . $error->getFile() . ':' . $error->getLine()];
    }
    // Laravel's own message has the values of the statement
    $said = $error->getPrevious()?->getMessage() ?? 'nothing';
    $hint = hint((int) ($error->errorInfo[1] ?? 0));

    return ["MySQL: {$said}", 'statement: ' . mb_strimwidth($error->getSql(), 0, 300, ' …'), ...($hint === null ? [] : [$hint])];
}

/** What an error of MySQL means here, by its number. */
function hint(int $number): ?string
{
    return match ($number) {
        1050, 1054, 1060, 1061, 1091, 1146 => 'the tables are not those that this migration expects. If an earlier update stopped halfway, restore a set that was made before it, then deploy; if not, keep the previous version',
        1205, 3024 => 'another connection held a lock for too long, such as a dump; wait until it ends, then deploy again',
        1021, 1030, 1114 => 'is the disk of the Docker host full? An update needs as much free space as the database takes',
        1053, 1158, 1159, 1160, 1161, 1317, 2002, 2006, 2013, 3169 => 'the connection to the database was lost or ended; see its error log, then deploy again',
        default => null,
    };
}
