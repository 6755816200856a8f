<?php

namespace SecureBookStack;

/**
 * Lets as many expensive requests in as the container has memory for: exports, imports, large pictures.
 *
 * Such a request may use more memory and time than a page. Others wait, and excess requests get 503: otherwise the kernel
 * would kill the largest worker. A request that exceeds its memory or time gets an error page that says so.
 */
final class ExpensiveRequest
{
    private const LOCKS = '/run/lock/';
    /** Memory from which on a picture counts. */
    private const LARGE_PICTURE = 24 * 2 ** 20;
    /** Bytes that GD takes for a pixel of a picture, and as many again to turn it; not in PHP's own count where GD is the system's. */
    private const BYTES_PER_PIXEL = 4.5;
    /** Memory for the answer after all of the request's own is used up. */
    private const RESERVE = 32 * 2 ** 20;
    /** Above this a request keeps its place until the client has the whole answer. */
    private const SMALL_ANSWER = 64 * 2 ** 20;
    private const RETRY_AFTER = 60;

    /** @var resource|null A place among those in work; given back by closing it. */
    private static $place = null;

    public static function admit(): void
    {
        $path = preg_replace('#^/index\.php#', '', (string) parse_url($_SERVER['REQUEST_URI'] ?? '', PHP_URL_PATH));
        $carries = preg_match('#/export/[a-z-]+/?$#', $path) === 1 || ($_SERVER['REQUEST_METHOD'] === 'POST' && preg_match('#^/(api/)?imports?(/|$)#', $path) === 1);
        // before everything else at the end, so that BookStack's own page about an error has memory
        register_shutdown_function(self::explain(...), $carries);
        $picture = self::memoryOfPictures($_FILES);
        if (!$carries && preg_match('#/images/\d+/rebuild-thumbnails/?$#', $path) !== 1 && $picture < self::LARGE_PICTURE) {
            return;
        }
        if ($picture > (int) self::setting('expensive_memory')) {
            $most = floor((int) self::setting('expensive_memory') / self::BYTES_PER_PIXEL / 1e6);
            self::answer(422, "This picture is too large: the wiki has memory for {$most} megapixels, half of that where the picture has to be turned. Make it smaller first.");
        }
        self::$place = self::wait();
        if (self::$place === null) {
            self::answer(503, 'The wiki is busy with other exports, imports and pictures. Try again in a minute.', ['Retry-After' => self::RETRY_AFTER]);
        }
        ini_set('memory_limit', self::setting('expensive_memory'));
        set_time_limit((int) self::setting('expensive_time'));
        // a statement of an import may take longer than one of a page
        ini_set('mysqlnd.net_read_timeout', '60');
        // what follows is sent bit by bit, as slowly as the client takes it
        header_register_callback(static function (): void {
            if (memory_get_usage() < self::SMALL_ANSWER) {
                self::$place = null;
            }
        });
    }

    /** @return resource|null A place among those in work, as soon as there is one. */
    private static function wait()
    {
        $place = self::take('expensive', (int) self::setting('expensive_at_once'));
        $seat = $place ?? self::take('waiting', (int) self::setting('expensive_waiting'));
        if ($seat === null) {
            return null;
        }
        $deadline = microtime(true) + (int) self::setting('expensive_wait');
        while ($place === null && microtime(true) < $deadline) {
            usleep(200_000);
            $place = self::take('expensive', (int) self::setting('expensive_at_once'));
        }
        return $place;
    }

    /** @return resource|null One of $count locks that is free. */
    private static function take(string $name, int $count)
    {
        for ($number = 0; $number < $count; $number++) {
            $file = fopen(self::LOCKS . "{$name}-{$number}", 'c');
            if ($file !== false && flock($file, LOCK_EX | LOCK_NB)) {
                return $file;
            }
        }
        return null;
    }

    /** Memory that the largest picture takes among what PHP says of uploaded files; fields of the same name nest. */
    private static function memoryOfPictures(array $files): int
    {
        $largest = 0;
        foreach ($files as $file) {
            foreach ((array) ($file['tmp_name'] ?? []) as $path) {
                $size = is_string($path) && $path !== '' ? @getimagesize($path) : false;
                if ($size !== false) {
                    $turned = $size[2] === IMAGETYPE_JPEG && (@exif_read_data($path)['Orientation'] ?? 1) > 1;
                    $largest = max($largest, (int) ($size[0] * $size[1] * self::BYTES_PER_PIXEL * ($turned ? 2 : 1)));
                }
            }
        }
        return $largest;
    }

    private static function explain(bool $carries): void
    {
        $message = error_get_last()['message'] ?? '';
        $memory = str_starts_with($message, 'Allowed memory size');
        if (!$memory && !str_starts_with($message, 'Maximum execution time')) {
            return;
        }
        ini_set('memory_limit', (string) (memory_get_usage(true) + self::RESERVE));
        set_time_limit(10);
        if (!$carries || headers_sent()) {
            return;
        }
        $limit = $memory
            ? round((int) self::setting('expensive_memory') / 2 ** 20) . ' MB of memory. An administrator can raise wiki.memory or wiki.phpMemory'
            : self::setting('expensive_time') . ' seconds. An administrator can raise wiki.timeLimit';
        self::answer(500, "This takes more than {$limit}. Export or import a smaller part: a chapter or a page instead of a book.");
    }

    /** @param array<string, string|int> $headers */
    private static function answer(int $status, string $message, array $headers = []): never
    {
        while (ob_get_level() > 0) {
            ob_end_clean();
        }
        header_remove();
        http_response_code($status);
        foreach (['Cache-Control' => 'no-store'] + $headers as $name => $value) {
            header("{$name}: {$value}");
        }
        $asPage = str_contains($_SERVER['HTTP_ACCEPT'] ?? '', 'text/html') && ($_SERVER['HTTP_X_REQUESTED_WITH'] ?? '') !== 'XMLHttpRequest';
        header('Content-Type: ' . ($asPage ? 'text/html; charset=utf-8' : 'application/json'));
        $page = "<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width'><title>{$status}</title><p>{$message}</p>";
        echo $asPage ? $page : json_encode(['error' => ['code' => $status, 'message' => $message], 'message' => $message]);
        exit;
    }

    private static function setting(string $name): string
    {
        return (string) get_cfg_var("wiki.{$name}");
    }
}
