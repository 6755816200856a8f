<?php

namespace SecureBookStack;

/**
 * Removes temporary files that a request left behind: a failed export, a worker that was killed.
 *
 * Each program of PHP holds a lock file while it runs, whose time is that of its start. A temporary file that was last changed before the
 * oldest running program started belongs to none of them, so no running request loses its files.
 */
final class Leftovers
{
    private const LOCKS = '/run/lock/php-';

    /** @var resource|null Closed, and with it unlocked, by PHP itself at the end of the request, whatever ended it. */
    private static $lock = null;

    public static function remove(): void
    {
        self::$lock = self::lock();
        $uploads = (string) ini_get('upload_tmp_dir');
        $found = [...self::filesIn(sys_get_temp_dir(), 0), ...self::filesIn($uploads, (int) get_cfg_var('wiki.upload_time'))];
        // most requests end here: there is nothing to remove
        if ($found === [] || self::$lock === null) {
            return;
        }
        $oldest = self::oldestStart();
        foreach ($found as [$path, $changed, $margin]) {
            if ($changed + $margin < $oldest) {
                self::delete($path);
            }
        }
    }

    /** @return resource|null A free lock file, locked. */
    private static function lock()
    {
        for ($number = 0; $number < 1000; $number++) {
            $file = @fopen(self::LOCKS . $number, 'c');
            if ($file === false) {
                return null;
            }
            if (flock($file, LOCK_EX | LOCK_NB)) {
                touch(self::LOCKS . $number);
                return $file;
            }
        }
        return null;
    }

    /** Start of the oldest running program, this one included, in seconds. */
    private static function oldestStart(): int
    {
        $starts = [time()];
        foreach (glob(self::LOCKS . '*') ?: [] as $path) {
            $file = @fopen($path, 'r');
            if ($file !== false && !flock($file, LOCK_SH | LOCK_NB)) {
                $starts[] = (int) @filemtime($path);
            }
        }
        return min($starts);
    }

    /**
     * The margin is for uploads: their files exist before the program starts, since PHP receives the whole body first.
     *
     * @return list<array{string, int, int}> Path, time of the last change, and margin in seconds.
     */
    private static function filesIn(string $directory, int $margin): array
    {
        $found = [];
        foreach (@scandir($directory) ?: [] as $name) {
            $changed = $name === '.' || $name === '..' ? false : @filectime("{$directory}/{$name}");
            if ($changed !== false) {
                $found[] = ["{$directory}/{$name}", $changed, $margin];
            }
        }
        return $found;
    }

    private static function delete(string $path): void
    {
        if (!is_dir($path) || is_link($path)) {
            @unlink($path);
            return;
        }
        foreach (@scandir($path) ?: [] as $name) {
            if ($name !== '.' && $name !== '..') {
                self::delete("{$path}/{$name}");
            }
        }
        @rmdir($path);
    }
}
