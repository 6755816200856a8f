<?php

/**
 * Finds content without permissions, and restores them.
 *
 * BookStack keeps in joint_permissions who can see what: one row for each entity and role. It deletes and inserts these rows in separate
 * transactions. A database or a worker that is killed in between leaves entities without rows, which not even an administrator can see.
 */

use BookStack\Entities\Models\Book;
use BookStack\Entities\Models\Bookshelf;
use BookStack\Entities\Models\Chapter;
use BookStack\Entities\Models\Entity;
use BookStack\Entities\Models\Page;
use BookStack\Permissions\JointPermissionBuilder;
use Illuminate\Foundation\Http\Events\RequestHandled;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Event;
use Illuminate\Support\Facades\Log;

/** BookStack's own builder, for some entities at a time: a whole book may need more memory than a request has. */
class EntityPermissions extends JointPermissionBuilder
{
    /** @param Entity[] $entities */
    public function rebuild(array $entities): void
    {
        if (method_exists($this, 'buildJointPermissionsForEntities')) {
            $this->buildJointPermissionsForEntities($entities);
        } else {
            array_walk($entities, fn (Entity $entity) => $this->rebuildForEntity($entity));
        }
    }
}

final class LostPermissions
{
    private const MODELS = [Bookshelf::class, Book::class, Chapter::class, Page::class];
    private const STATE = 'framework/cache/permissions.json';
    /** Seconds between two counts while nothing is missing, and the database was not restarted. */
    private const INTERVAL = 300;
    /** Seconds after which what is still missing counts as lost: BookStack itself inserts within a request what it deleted. */
    private const CONFIRM = 20;
    /** Seconds after which the last count says nothing any more. */
    private const OUTDATED = 900;
    /** Seconds that two readings of the database's start may differ by. */
    private const START_TOLERANCE = 5;
    /** Entities of a type that one count names. */
    private const NAMED = 2000;
    /** Entities in one transaction. */
    private const CHUNK = 50;
    /** Seconds that one run may take: the worker is needed. */
    private const SECONDS = 10;

    /** Counts when it is time to, and restores what was missing at the count before as well. */
    public static function check(): void
    {
        $lock = @fopen(storage_path(self::STATE . '.lock'), 'c');
        if ($lock === false || !flock($lock, LOCK_EX | LOCK_NB)) {
            return;
        }
        $before = self::state();
        $start = self::databaseStart();
        $restarted = abs($start - ($before['start'] ?? 0)) > self::START_TOLERANCE;
        $age = time() - ($before['counted'] ?? 0);
        if (!$restarted && $age < (($before['missing'] ?? 0) > 0 ? self::CONFIRM : self::INTERVAL)) {
            return;
        }
        [$missing, $named] = self::count();
        $restored = 0;
        // while the number falls, BookStack is inserting rows: a role that was saved, or a command
        if ($missing > 0 && $age >= self::CONFIRM && ($before['missing'] ?? 0) > 0 && $missing >= $before['missing']) {
            $restored = self::restore($named, $before['named'] ?? []);
            [$missing, $named] = self::count();
            Log::warning("{$restored} entities had no permissions, so that no user could see them: their permissions were regenerated, {$missing} are left");
        }
        self::write([
            'start' => $start,
            'counted' => time(),
            'missing' => $missing,
            'named' => $named,
            'restored' => ($before['restored'] ?? 0) + $restored,
        ]);
    }

    /** For the metrics: entities without permissions at the last count, or null if it is too long ago, and how many were restored. */
    public static function numbers(): array
    {
        $state = self::state();
        $fresh = time() - ($state['counted'] ?? 0) < self::OUTDATED;

        return [$fresh ? $state['missing'] : null, $state['restored'] ?? 0];
    }

    /** When the database was started, in seconds. */
    private static function databaseStart(): int
    {
        return time() - (int) DB::selectOne("SHOW GLOBAL STATUS LIKE 'Uptime'")->Value;
    }

    /** @return array{int, array<string, int[]>} How many entities lack a row for a role, and the first ids by type. */
    private static function count(): array
    {
        $roles = DB::table('roles')->count();
        [$missing, $named] = [0, []];
        foreach (self::MODELS as $class) {
            $model = new $class();
            [$table, $type] = [$model->getTable(), $model->getMorphClass()];
            // an entity in the recycle bin is not expected to have rows; BookStack inserts them when it is restored
            $query = DB::table($table)->whereNull("{$table}.deleted_at")->whereRaw(
                "(select count(*) from joint_permissions where joint_permissions.entity_id = {$table}.id and joint_permissions.entity_type = ?) < ?",
                [$type, $roles],
            );
            // since BookStack 25.11 all types are in one table
            if ($table === 'entities') {
                $query->where("{$table}.type", '=', $type);
            }
            $ids = $query->orderBy("{$table}.id")->pluck("{$table}.id")->all();
            $missing += count($ids);
            $named[$type] = array_slice($ids, 0, self::NAMED);
        }

        return [$missing, $named];
    }

    /** Regenerates the rows of entities that both counts name. */
    private static function restore(array $now, array $before): int
    {
        $deadline = time() + self::SECONDS;
        $builder = app()->make(EntityPermissions::class);
        $restored = 0;
        foreach (self::MODELS as $class) {
            $type = (new $class())->getMorphClass();
            $ids = array_values(array_intersect($now[$type] ?? [], $before[$type] ?? []));
            foreach (array_chunk($ids, self::CHUNK) as $chunk) {
                if (time() >= $deadline) {
                    return $restored;
                }
                $entities = $class::query()->whereIn('id', $chunk)->get()->all();
                DB::transaction(static fn () => $builder->rebuild($entities));
                $restored += count($entities);
            }
        }

        return $restored;
    }

    private static function state(): array
    {
        return json_decode(@file_get_contents(storage_path(self::STATE)) ?: '{}', true) ?: [];
    }

    /** Another worker reads the old file or the new one, never half of one. */
    private static function write(array $state): void
    {
        $file = storage_path(self::STATE);
        file_put_contents("{$file}.new", json_encode($state));
        rename("{$file}.new", $file);
    }
}

// the container's own health check comes every few seconds, with or without monitoring, and waits for nothing but the answer
if (!app()->runningInConsole() && !isset($_SERVER['BOOKSTACK_METRICS'])) {
    Event::listen(RequestHandled::class, static function (RequestHandled $event): void {
        // while the database does not answer there is nothing to count
        if ($event->response->getStatusCode() !== 200 || !$event->request->is('status') || !in_array($event->request->server('REMOTE_ADDR'), ['127.0.0.1', '::1'], true)) {
            return;
        }
        AfterResponse::call(static function (): void {
            try {
                LostPermissions::check();
            } catch (\Throwable $error) {
                // not counted for a while is missing in the metrics, which raises an alert
                Log::warning('permissions could not be checked: ' . get_class($error));
            }
        });
    });
}
