<?php
/*
 * What can be seen of networks from where this runs. It reads and connects, and changes nothing.
 *
 *   listen                             ports that are open for others
 *   connect ADDRESS:PORT...            those that answer
 *   ask ADDRESS PORT HOST PATH...      status of each answer, one request after the other, by TLS; 0 from the first without an answer on
 *   from ADDRESS PORT HOST PATH        status of the answer (0 without one), and the address from which it was asked
 *   addresses                          IPv6 addresses of network cards, without those that count on one link alone
 *   answer TARGET...                   those of tcp://HOST:PORT, tls://NAME@HOST:PORT and sni://NAME@HOST:PORT where a server answers: a first line, TLS
 *                                      with a certificate for NAME, TLS with any certificate
 *   certificate mysql://HOST:PORT      certificate that the server shows, as PEM; null when it shows none
 *   resolve NAME...                    IPv4 addresses of the names
 *   files DIRECTORY                    name and text of each file
 */
const SECONDS_TO_CONNECT = 2;
const SECONDS_TO_ANSWER = 8;
const LOOPBACK = ['0100007F', '0B00007F', '00000000000000000000000001000000', '0000000000000000FFFF00000100007F'];
const LISTENING = '0A';

$verb = $argv[1] ?? '';
$words = array_slice($argv, 2);
$answers = [
    'listen' => fn () => ports(),
    'connect' => fn () => connect($words),
    'ask' => fn () => statuses($words[0], (int) $words[1], $words[2], array_slice($words, 3)),
    'from' => fn () => askFrom($words[0], (int) $words[1], $words[2], $words[3]),
    'addresses' => fn () => addresses(),
    'answer' => fn () => array_values(array_filter($words, 'answers')),
    'certificate' => fn () => shownCertificate($words[0]),
    'resolve' => fn () => array_values(array_unique(array_merge(...array_map(fn ($name) => gethostbynamel($name) ?: [], $words)))),
    'files' => fn () => (object) texts($words[0]),
];
echo json_encode($answers[$verb]()), "\n";

function ports(): array
{
    $found = [];
    foreach (['/proc/net/tcp', '/proc/net/tcp6'] as $table) {
        foreach (array_slice(@file($table) ?: [], 1) as $line) {
            [, $local, , $state] = preg_split('/\s+/', trim($line));
            [$address, $port] = explode(':', $local);
            if ($state === LISTENING && !in_array($address, LOOPBACK, true)) {
                $found[hexdec($port)] = true;
            }
        }
    }
    ksort($found);
    return array_keys($found);
}

function connect(array $targets): array
{
    $waiting = [];
    foreach ($targets as $target) {
        $socket = @stream_socket_client("tcp://$target", $code, $message, SECONDS_TO_CONNECT, STREAM_CLIENT_ASYNC_CONNECT | STREAM_CLIENT_CONNECT);
        if ($socket !== false) {
            stream_set_blocking($socket, false);
            $waiting[$target] = $socket;
        }
    }
    $open = [];
    $deadline = microtime(true) + SECONDS_TO_CONNECT;
    while ($waiting !== [] && microtime(true) < $deadline) {
        $read = null;
        $write = $waiting;
        $except = $waiting;
        if (@stream_select($read, $write, $except, 0, 200000) === false) {
            break;
        }
        foreach ($write as $target => $socket) {
            if (stream_socket_get_name($socket, true) !== false) {
                $open[] = $target;
            }
            unset($waiting[$target]);
        }
    }
    return $open;
}

function statuses(string $address, int $port, string $host, array $paths): array
{
    $found = [];
    foreach ($paths as $path) {
        $found[] = end($found) === 0 ? 0 : ask($address, $port, $host, $path);
    }
    return $found;
}

function ask(string $address, int $port, string $host, string $path): int
{
    return askFrom($address, $port, $host, $path)['status'];
}

function askFrom(string $address, int $port, string $host, string $path): array
{
    $context = stream_context_create(['ssl' => ['peer_name' => $host, 'SNI_enabled' => true, 'verify_peer' => false, 'verify_peer_name' => false]]);
    $place = str_contains($address, ':') ? "[$address]" : $address;
    $socket = @stream_socket_client("tls://$place:$port", $code, $message, 10, STREAM_CLIENT_CONNECT, $context);
    if ($socket === false) {
        return ['status' => 0, 'address' => ''];
    }
    $own = preg_replace('/^\[?(.*?)\]?:\d+$/', '$1', (string) stream_socket_get_name($socket, false));
    stream_set_timeout($socket, 10);
    fwrite($socket, "GET $path HTTP/1.1\r\nHost: $host\r\nAccept: text/html\r\nUser-Agent: secure-bookstack-verify\r\nConnection: close\r\n\r\n");
    $status = preg_match('/^HTTP\/\S+ (\d{3})/', (string) fgets($socket), $found) ? (int) $found[1] : 0;
    fclose($socket);
    return ['status' => $status, 'address' => $own];
}

function addresses(): array
{
    $found = [];
    foreach (net_get_interfaces() as $name => $interface) {
        // bridges of containers, and routes to them
        if (preg_match('/^(lo$|docker|br-|bs-|veth)/', $name)) {
            continue;
        }
        foreach ($interface['unicast'] ?? [] as $unicast) {
            $address = $unicast['address'] ?? '';
            if (str_contains($address, ':') && !str_starts_with($address, 'fe80:')) {
                $found[] = $address;
            }
        }
    }
    return $found;
}

function answers(string $target): bool
{
    [$scheme, $rest] = explode('://', $target);
    [$name, $place] = str_contains($rest, '@') ? explode('@', $rest) : ['', $rest];
    $options = ['peer_name' => $name, 'verify_peer' => false, 'verify_peer_name' => $scheme === 'tls'];
    $url = ($scheme === 'tcp' ? 'tcp' : 'tls') . "://$place";
    $socket = @stream_socket_client($url, $code, $message, SECONDS_TO_ANSWER, STREAM_CLIENT_CONNECT, stream_context_create(['ssl' => $options]));
    if ($socket === false || $scheme !== 'tcp') {
        return $socket !== false;
    }
    stream_set_timeout($socket, SECONDS_TO_ANSWER);
    return (string) fgets($socket) !== '';
}

/** MySQL sends the first packet, in clear text; TLS starts when the client requests it. */
function shownCertificate(string $server): ?string
{
    $place = explode('://', $server)[1];
    $options = ['verify_peer' => false, 'verify_peer_name' => false, 'capture_peer_cert' => true];
    $context = stream_context_create(['ssl' => $options]);
    $socket = @stream_socket_client("tcp://$place", $code, $message, SECONDS_TO_ANSWER, STREAM_CLIENT_CONNECT, $context);
    if ($socket === false) {
        return null;
    }
    stream_set_timeout($socket, SECONDS_TO_ANSWER);
    $header = (string) stream_get_contents($socket, 4);
    if (strlen($header) !== 4) {
        return null;
    }
    stream_get_contents($socket, unpack('V', substr($header, 0, 3) . "\0")[1]);
    // protocol of version 4.1, TLS, the usual way to log in; largest packet; utf8mb4
    $request = pack('VVC', 0x0200 | 0x0800 | 0x8000, 1 << 24, 45) . str_repeat("\0", 23);
    fwrite($socket, substr(pack('V', strlen($request)), 0, 3) . "\x01" . $request);
    if (@stream_socket_enable_crypto($socket, true, STREAM_CRYPTO_METHOD_TLS_CLIENT) !== true) {
        return null;
    }
    $shown = stream_context_get_params($socket)['options']['ssl']['peer_certificate'] ?? null;
    return $shown !== null && openssl_x509_export($shown, $text) ? $text : null;
}

function texts(string $directory): array
{
    $files = array_filter(glob("$directory/*") ?: [], 'is_file');
    return array_combine(array_map('basename', $files), array_map('file_get_contents', $files));
}
