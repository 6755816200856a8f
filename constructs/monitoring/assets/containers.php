<?php

/**
 * containers.php run | once | check: measures containers, and writes what it sees to a file for Prometheus' node-exporter.
 *
 * It reads what Docker writes down of each container (name, health, restarts) and what the kernel counts for it (control groups of
 * either version, network of its first process). Only containers with the label CONTAINERS_LABEL (name=value) are looked at, and of
 * those only services; nothing else from Docker's files is kept.
 */

const KIND_LABEL = 'secure-bookstack.kind';
const NAMESPACE_LABEL = 'secure-bookstack.namespace';
/** Directories between the root of the control groups and a container: slices of systemd, of an administrator, or of the user of a rootless engine. */
const CGROUP_DEPTH = 6;
/** Looks that may fail before the file counts as old. */
const MISSED = 4;
/** More than any machine has: what version 1 of the control groups calls no limit. */
const NO_LIMIT = 2 ** 60;

$place = static fn (string $name, string $usual): string => getenv($name) ?: $usual;
define('CONTAINERS', $place('CONTAINERS_DIRECTORY', '/host/containers'));
define('CGROUPS', $place('CONTAINERS_CGROUPS', '/host/cgroup'));
define('PROCESSES', $place('CONTAINERS_PROC', '/host/proc'));
define('OUTPUT', $place('CONTAINERS_OUTPUT', '/textfile/containers.prom'));
define('SECONDS', max(1, (int) $place('CONTAINERS_SECONDS', '15')));

/** The number in a file; nothing without the file. */
function number(string $file): ?float
{
    $text = @file_get_contents($file);

    return $text !== false && is_numeric(trim($text)) ? (float) trim($text) : null;
}

/** A file of lines with a name and a number. */
function numbers(string $file): array
{
    preg_match_all('/^(\w+) (\d+)$/m', @file_get_contents($file) ?: '', $found);

    return array_combine($found[1], array_map('floatval', $found[2]));
}

/** What the kernel counts in parts of a second; nothing where it counts nothing, which is not the same as none. */
function seconds(?float $counted, float $parts): ?float
{
    return $counted === null ? null : $counted / $parts;
}

/** Id → directory, below `$root`, of each container's control group. */
function control_groups(string $root, int $depth = CGROUP_DEPTH): array
{
    $groups = [];
    foreach (@scandir($root) ?: [] as $name) {
        if ($name[0] === '.' || !is_dir("$root/$name")) {
            continue;
        }
        if (preg_match('/^(?:docker-)?([0-9a-f]{64})(?:\.scope)?$/', $name, $match)) {
            $groups[$match[1]] = "$root/$name";
        } elseif ($depth > 1) {
            $groups += control_groups("$root/$name", $depth - 1);
        }
    }

    return $groups;
}

/**
 * Containers that are looked at: id → what Docker wrote down.
 *
 * An engine that changed its image store leaves the files of containers that it no longer knows; of one name the newest is the real one.
 */
function containers(): array
{
    [$label, $value] = array_pad(explode('=', (string) getenv('CONTAINERS_LABEL'), 2), 2, '');
    $found = [];
    foreach (glob(CONTAINERS . '/*/config.v2.json') ?: [] as $file) {
        $written = json_decode((string) @file_get_contents($file), true);
        $labels = $written['Config']['Labels'] ?? [];
        if (($labels[$label] ?? null) === $value && ($labels[KIND_LABEL] ?? '') === 'service') {
            $other = $found[$written['Name']] ?? null;
            if ($other === null || strcmp($written['Created'] ?? '', $other['Created'] ?? '') > 0) {
                $found[$written['Name']] = $written;
            }
        }
    }

    return array_column($found, null, 'ID');
}

/** What version 2 of the control groups counts. */
function unified(string $group): array
{
    $cpu = numbers("$group/cpu.stat");
    [$quota, $period] = array_pad(explode(' ', trim(@file_get_contents("$group/cpu.max") ?: 'max')), 2, 1);

    return [
        'cpu' => seconds($cpu['usage_usec'] ?? null, 1e6),
        'throttled' => seconds($cpu['throttled_usec'] ?? null, 1e6),
        'cpus' => is_numeric($quota) ? $quota / $period : null,
        'memory' => number("$group/memory.current"),
        'idle' => numbers("$group/memory.stat")['inactive_file'] ?? 0,
        'limit' => number("$group/memory.max"),
        'killed' => numbers("$group/memory.events")['oom_kill'] ?? null,
    ];
}

/** Counters of version 1, with a separate tree for each controller. */
function legacy(string $path): array
{
    $cpu = CGROUPS . "/cpu/$path";
    $memory = CGROUPS . "/memory/$path";
    $quota = number("$cpu/cpu.cfs_quota_us") ?? -1;
    $limit = number("$memory/memory.limit_in_bytes");

    return [
        'cpu' => seconds(number(CGROUPS . "/cpuacct/$path/cpuacct.usage"), 1e9),
        'throttled' => seconds(numbers("$cpu/cpu.stat")['throttled_time'] ?? null, 1e9),
        'cpus' => $quota > 0 ? $quota / (number("$cpu/cpu.cfs_period_us") ?: 1) : null,
        'memory' => number("$memory/memory.usage_in_bytes"),
        'idle' => numbers("$memory/memory.stat")['total_inactive_file'] ?? 0,
        'limit' => $limit < NO_LIMIT ? $limit : null,
        'killed' => numbers("$memory/memory.oom_control")['oom_kill'] ?? null,
    ];
}

/** Direction → what went over the container's network, loopback left out. */
function traffic(int $process): array
{
    $sums = [];
    foreach (@file(PROCESSES . "/$process/net/dev") ?: [] as $line) {
        $fields = preg_split('/[\s:]+/', trim($line));
        if (count($fields) < 17 || $fields[0] === 'lo' || !is_numeric($fields[1])) {
            continue;
        }
        foreach (['receive' => 1, 'transmit' => 9] as $direction => $first) {
            foreach (['bytes', 'packets', 'errors', 'dropped'] as $index => $what) {
                $sums[$direction][$what] = ($sums[$direction][$what] ?? 0) + (float) $fields[$first + $index];
            }
        }
    }

    return $sums;
}

/** Name of a metric → type, what it is, and its samples: labels → value. */
class Metrics
{
    private array $families = [];

    public function add(string $name, string $type, string $help, array $labels, float|int|null $value): void
    {
        if ($value === null) {
            return;
        }
        $pairs = array_map(static fn ($key) => $key . '="' . addcslashes((string) $labels[$key], "\\\"\n") . '"', array_keys($labels));
        $this->families[$name] ??= "# HELP $name $help\n# TYPE $name $type\n";
        $this->families[$name] .= $name . '{' . implode(',', $pairs) . '} ' . json_encode($value) . "\n";
    }

    public function __toString(): string
    {
        return implode('', $this->families);
    }
}

function measure(): string
{
    $unified = is_file(CGROUPS . '/cgroup.controllers');
    $root = $unified ? CGROUPS : CGROUPS . '/memory';
    $groups = control_groups($root);
    $metrics = new Metrics();
    foreach (containers() as $id => $written) {
        $state = $written['State'] ?? [];
        $namespace = $written['Config']['Labels'][NAMESPACE_LABEL] ?? '';
        $name = ['container' => preg_replace('/^\/(' . preg_quote($namespace, '/') . '-)?/', '', (string) $written['Name'])];
        $running = ($state['Running'] ?? false) && !($state['Restarting'] ?? false) ? 1 : 0;
        $metrics->add('container_running', 'gauge', 'Whether the container runs.', $name, $running);
        $metrics->add('container_restarts_total', 'counter', 'Times that Docker started the container again.', $name, $written['RestartCount'] ?? 0);
        $metrics->add('container_exit_code', 'gauge', 'How it ended last.', $name, $state['ExitCode'] ?? 0);
        $metrics->add('container_start_time_seconds', 'gauge', 'When it was started.', $name, strtotime($state['StartedAt'] ?? '') ?: null);
        if (isset($state['Health']['Status'])) {
            $metrics->add('container_healthy', 'gauge', 'Whether its health check succeeds.', $name, $state['Health']['Status'] === 'unhealthy' ? 0 : 1);
        }
        if (!$running || !isset($groups[$id])) {
            continue;
        }
        $counted = $unified ? unified($groups[$id]) : legacy(substr($groups[$id], strlen($root) + 1));
        $metrics->add('container_cpu_seconds_total', 'counter', 'Time on processors.', $name, $counted['cpu']);
        $metrics->add('container_cpu_throttled_seconds_total', 'counter', 'Time it had to wait for its share.', $name, $counted['throttled']);
        $metrics->add('container_cpu_limit', 'gauge', 'Processors that it may use.', $name, $counted['cpus']);
        $metrics->add('container_memory_usage_bytes', 'gauge', 'Memory, caches of files included.', $name, $counted['memory']);
        $metrics->add('container_memory_working_set_bytes', 'gauge', 'Memory that cannot be reclaimed.', $name, $counted['memory'] === null ? null : max(0, $counted['memory'] - $counted['idle']));
        $metrics->add('container_memory_limit_bytes', 'gauge', 'Memory that it may use.', $name, $counted['limit']);
        $metrics->add('container_oom_kills_total', 'counter', 'Processes killed because they ran out of memory.', $name, $counted['killed']);
        // on the host network it has no separate traffic
        if (isset($written['NetworkSettings']['Networks']['host'])) {
            continue;
        }
        foreach (traffic((int) ($state['Pid'] ?? 0)) as $direction => $sums) {
            foreach ($sums as $what => $sum) {
                $metrics->add("container_network_{$direction}_{$what}_total", 'counter', "Network: $what.", $name, $sum);
            }
        }
    }

    return (string) $metrics;
}

/** The file appears whole or not at all. */
function write(): void
{
    $new = OUTPUT . '.new';
    if (file_put_contents($new, measure()) === false || !rename($new, OUTPUT)) {
        throw new RuntimeException('cannot write ' . OUTPUT);
    }
}

switch ($argv[1] ?? '') {
    case 'run':
        while (true) {
            write();
            sleep(SECONDS);
        }
    case 'once':
        write();
        exit(0);
    case 'check':
        $age = time() - (int) @filemtime(OUTPUT);
        exit($age <= MISSED * SECONDS + 10 && filesize(OUTPUT) > 0 ? 0 : 1);
    default:
        fwrite(STDERR, "usage: containers.php run | once | check\n");
        exit(64);
}
