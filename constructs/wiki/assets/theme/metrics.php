<?php

/**
 * How the wiki does, for Prometheus: /metrics on the port for metrics, and there alone.
 *
 * The path exists only where Apache set BOOKSTACK_METRICS: on the public port /metrics and /index.php/metrics are BookStack's own 404.
 * Counters (requests, logins) are in one small locked file in memory, and start at 0 with the container.
 */

use BookStack\Entities\Models\Book;
use BookStack\Entities\Models\Bookshelf;
use BookStack\Entities\Models\Chapter;
use BookStack\Entities\Models\Page;
use BookStack\Facades\Theme;
use BookStack\Theming\ThemeEvents;
use BookStack\Uploads\Attachment;
use BookStack\Uploads\Image;
use BookStack\Users\Models\User;
use Illuminate\Auth\Events\Failed;
use Illuminate\Foundation\Http\Events\RequestHandled;
use Illuminate\Http\Request;
use Illuminate\Routing\Router;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Event;

const METRICS_BUCKETS = ['0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10'];
/** Seconds without a request after which a user is not active any more. */
const METRICS_PRESENT = 300;

/** Reads the counters; `$change` changes them under a lock. */
function metrics_counters(?callable $change = null): array
{
    $handle = @fopen(storage_path('framework/cache/metrics.json'), 'c+');
    if (!$handle) {
        return [];
    }
    flock($handle, $change ? LOCK_EX : LOCK_SH);
    $counters = json_decode(stream_get_contents($handle) ?: '{}', true) ?: [];
    if ($change) {
        $change($counters);
        $text = json_encode($counters);
        rewind($handle);
        // a page must not fail because it could not be counted
        @fwrite($handle, $text);
        @ftruncate($handle, strlen($text));
    }
    flock($handle, LOCK_UN);
    fclose($handle);

    return $counters;
}

function metrics_count(string ...$names): void
{
    metrics_counters(static function (array &$counters) use ($names): void {
        foreach ($names as $name) {
            $counters[$name] = ($counters[$name] ?? 0) + 1;
        }
    });
}

/** One request: its status, and the seconds that it took. */
function metrics_request(int $status, float $seconds): void
{
    metrics_counters(static function (array &$counters) use ($status, $seconds): void {
        $counters['code'][$status] = ($counters['code'][$status] ?? 0) + 1;
        $counters['requests'] = ($counters['requests'] ?? 0) + 1;
        $counters['seconds'] = ($counters['seconds'] ?? 0) + $seconds;
        foreach (METRICS_BUCKETS as $bucket) {
            if ($seconds <= (float) $bucket) {
                $counters['within'][$bucket] = ($counters['within'][$bucket] ?? 0) + 1;
                break;
            }
        }
    });
}

/** Families of metrics, as Prometheus reads them. */
class MetricsText
{
    private string $text = '';

    /** Samples: labels in braces, or nothing, → value. */
    public function family(string $name, string $type, string $help, array $samples): void
    {
        $this->text .= "# HELP {$name} {$help}\n# TYPE {$name} {$type}\n";
        foreach ($samples as $labels => $value) {
            $this->text .= $name . ($labels === '' ? '' : '{' . $labels . '}') . ' ' . $value . "\n";
        }
    }

    public function gauge(string $name, string $help, int|float $value): void
    {
        $this->family($name, 'gauge', $help, ['' => $value]);
    }

    public function counter(string $name, string $help, int|float $value): void
    {
        $this->family($name, 'counter', $help, ['' => $value]);
    }

    public function requests(array $counters): void
    {
        $codes = $counters['code'] ?? [];
        ksort($codes);
        $this->family('bookstack_http_requests_total', 'counter', 'Requests that PHP answered.', metrics_labelled('code', $codes));
        $name = 'bookstack_http_request_duration_seconds';
        $this->text .= "# HELP {$name} Time in PHP.\n# TYPE {$name} histogram\n";
        $sum = 0;
        foreach (METRICS_BUCKETS as $bucket) {
            $sum += $counters['within'][$bucket] ?? 0;
            $this->text .= "{$name}_bucket{le=\"{$bucket}\"} {$sum}\n";
        }
        $all = $counters['requests'] ?? 0;
        $this->text .= "{$name}_bucket{le=\"+Inf\"} {$all}\n{$name}_sum " . round($counters['seconds'] ?? 0, 6) . "\n{$name}_count {$all}\n";
    }

    public function __toString(): string
    {
        return $this->text;
    }
}

/** Values by name, as samples with one label. */
function metrics_labelled(string $label, array $values): array
{
    $samples = [];
    foreach ($values as $name => $value) {
        $samples[$label . '="' . preg_replace('/[^\w-]/', '', (string) $name) . '"'] = $value;
    }

    return $samples;
}

/** What the database knows; an error when it does not answer. */
function metrics_database(MetricsText $text): void
{
    // by BookStack's own models: how they lie in tables changes from one version to the next
    $text->family('bookstack_entities', 'gauge', 'Content outside the recycle bin.', metrics_labelled('type', [
        'shelf' => Bookshelf::query()->count(),
        'book' => Book::query()->count(),
        'chapter' => Chapter::query()->count(),
        'page' => Page::query()->count(),
    ]));
    $text->gauge('bookstack_users', 'Accounts of people.', User::query()->whereNull('system_name')->count());
    $text->gauge('bookstack_default_admin_present', '1 if the stock account with the publicly known password exists.', User::query()->where('email', '=', 'admin@admin.com')->count());
    $text->gauge('bookstack_images', 'Uploaded images.', Image::query()->count());
    $text->gauge('bookstack_attachments', 'Attachments.', Attachment::query()->count());
    $text->gauge('bookstack_recycle_bin_items', 'Deletions in the recycle bin.', DB::table('deletions')->count());
    $text->family('bookstack_queue_jobs', 'gauge', 'Work that waits, and that failed.', metrics_labelled('state', [
        'waiting' => DB::table('jobs')->count(),
        'failed' => DB::table('failed_jobs')->count(),
    ]));
    $people = DB::table('sessions')->whereNotNull('user_id')->where('last_activity', '>=', time() - METRICS_PRESENT);
    $text->gauge('bookstack_sessions_active', 'Sessions of people that were used in the last five minutes.', $people->count());
    // of the connection that asks: what the server shows, not what lies in a file
    $end = strtotime((string) (DB::selectOne("SHOW SESSION STATUS LIKE 'Ssl_server_not_after'")->Value ?? ''));
    $text->family('bookstack_database_certificate_end_timestamp_seconds', 'gauge', 'When the certificate ends that the database shows.', $end === false ? [] : ['' => $end]);
    $activities = DB::table('activities')->selectRaw('type, count(*) as n')->groupBy('type')->pluck('n', 'type')->all();
    $text->family('bookstack_activities', 'gauge', 'What people did, by kind.', metrics_labelled('type', $activities));
}

/** Apache's own count of its workers. */
function metrics_apache(MetricsText $text, int $workers): void
{
    $text->gauge('bookstack_apache_workers_limit', 'Workers that there may be.', $workers);
    $context = stream_context_create(['http' => ['timeout' => 1, 'header' => 'Host: localhost']]);
    $status = @file_get_contents('http://127.0.0.1:8080/server-status?auto', false, $context) ?: '';
    preg_match_all('/^(BusyWorkers|IdleWorkers|Total Accesses): (\d+)$/m', $status, $found);
    $values = array_combine($found[1], $found[2]);
    // not known is not idle
    $text->family('bookstack_apache_workers', 'gauge', 'Workers of Apache.', !isset($values['BusyWorkers']) ? [] : metrics_labelled('state', [
        // two are at work for this page alone
        'busy' => max(0, (int) $values['BusyWorkers'] - 2),
        'idle' => (int) ($values['IdleWorkers'] ?? 0),
    ]));
    $text->counter('bookstack_apache_accesses_total', 'Requests that Apache answered, files included.', (int) ($values['Total Accesses'] ?? 0));
}

function metrics_page(int $workers): string
{
    $started = microtime(true);
    $text = new MetricsText();
    $version = trim((string) @file_get_contents(base_path('version')));
    $text->family('bookstack_build_info', 'gauge', 'Versions.', ["version=\"{$version}\",php=\"" . PHP_VERSION . '"' => 1]);
    $up = 1;
    try {
        metrics_database($text);
    } catch (\Throwable) {
        $up = 0;
    }
    $text->gauge('bookstack_database_up', 'Whether the database answered every question.', $up);
    [$missing, $restored] = LostPermissions::numbers();
    // not counted is not none
    $text->family('bookstack_entities_without_permissions', 'gauge', 'Content without permissions, at the last count.', $missing === null ? [] : ['' => $missing]);
    $text->counter('bookstack_permissions_restored_total', 'Entities whose permissions were lost and regenerated.', $restored);
    $counters = metrics_counters();
    $text->requests($counters);
    $text->counter('bookstack_failed_logins_total', 'Failed logins.', $counters['failed_logins'] ?? 0);
    $text->counter('bookstack_logins_total', 'Successful logins.', $counters['logins'] ?? 0);
    foreach (['mails' => 'Mails about changes', 'webhooks' => 'Calls of webhooks'] as $name => $what) {
        $text->family("bookstack_{$name}_total", 'counter', "{$what}, by result.", metrics_labelled('result', [
            'sent' => $counters["{$name}_sent"] ?? 0,
            'failed' => $counters["{$name}_failed"] ?? 0,
        ]));
    }
    metrics_apache($text, $workers);
    $text->gauge('bookstack_scrape_duration_seconds', 'Time that this page took.', round(microtime(true) - $started, 6));

    return (string) $text;
}

// a page tries several times to reach a database that is down, and holds a worker meanwhile: BookStack itself sets no limit for a try
config()->set('database.connections.mysql.options', (config('database.connections.mysql.options') ?? []) + [PDO::ATTR_TIMEOUT => 1]);

if (!app()->runningInConsole() && !isset($_SERVER['BOOKSTACK_METRICS'])) {
    Event::listen(RequestHandled::class, static function (RequestHandled $event): void {
        metrics_request($event->response->getStatusCode(), microtime(true) - LARAVEL_START);
        // a user who returns from the portal and is refused is redirected to the form
        if ($event->request->is('oidc/callback') && $event->response->isRedirect(url('/login'))) {
            metrics_count('failed_logins');
        }
    });
    Event::listen(Failed::class, static function (): void {
        metrics_count('failed_logins');
    });
    Theme::listen(ThemeEvents::AUTH_LOGIN, static function (): void {
        metrics_count('logins');
    });
}

Theme::listen(ThemeEvents::ROUTES_REGISTER_WEB, static function (Router $router): void {
    if (!isset($_SERVER['BOOKSTACK_METRICS'])) {
        return;
    }
    // outside the group of pages: no session, so that a reading leaves no row, and is answered while the database is down
    $router->get('/metrics', static fn (Request $request) => response(metrics_page((int) $request->server('BOOKSTACK_METRICS')), 200, [
        'Content-Type' => 'text/plain; version=0.0.4; charset=utf-8',
    ]))->withoutMiddleware(['web']);
});
