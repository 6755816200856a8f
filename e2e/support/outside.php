<?php

/**
 * Servers outside, as a mail provider and a receiver of webhooks run them: SMTP with STARTTLS on 587, SMTP with TLS on 465, HTTPS on 443.
 * Prints one JSON object for each message and each call. The certificate is /tmp/server.pem.
 *
 * The file /tmp/mode makes the mail server misbehave: `plain` offers no STARTTLS, `silent` never answers, `refuse` takes no recipient.
 */
$context = stream_context_create(['ssl' => ['local_cert' => '/tmp/server.pem', 'disable_compression' => true]]);
$servers = [];
foreach ([587 => 'smtp', 465 => 'smtps', 443 => 'https'] as $port => $kind) {
    $servers[$kind] = stream_socket_server("tcp://0.0.0.0:{$port}", $code, $message, STREAM_SERVER_BIND | STREAM_SERVER_LISTEN, $context);
}

function say(array $what): void
{
    fwrite(STDOUT, json_encode($what, JSON_INVALID_UTF8_SUBSTITUTE) . "\n");
}

function encrypt($client): bool
{
    return @stream_socket_enable_crypto($client, true, STREAM_CRYPTO_METHOD_TLS_SERVER) === true;
}

function mode(): string
{
    return trim((string) @file_get_contents('/tmp/mode'));
}

function https($client): void
{
    [, $path] = explode(' ', (string) fgets($client)) + [1 => ''];
    $headers = [];
    while (($line = fgets($client)) !== false && trim($line) !== '') {
        [$name, $value] = explode(':', $line, 2) + [1 => ''];
        $headers[strtolower($name)] = trim($value);
    }
    $length = (int) ($headers['content-length'] ?? 0);
    $body = $length > 0 ? (string) stream_get_contents($client, $length) : '';
    say(['kind' => 'call', 'host' => $headers['host'] ?? '', 'path' => $path, 'body' => json_decode($body, true)]);
    fwrite($client, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}

function smtp($client, bool $encrypted): void
{
    $mode = mode();
    fwrite($client, "220 mx.outside.test ESMTP\r\n");
    $seen = ['kind' => 'mail', 'encrypted' => $encrypted, 'to' => []];
    while (($line = fgets($client)) !== false) {
        $verb = strtoupper(substr(trim($line), 0, 4));
        $rest = trim(substr($line, 5));
        switch ($verb) {
            case 'EHLO':
                $seen['helo'] = $rest;
                $offers = [...($encrypted || $mode === 'plain' ? [] : ['STARTTLS']), ...($encrypted ? ['AUTH PLAIN LOGIN'] : []), 'SIZE 10000000'];
                fwrite($client, "250-mx.outside.test\r\n" . implode('', array_map(fn ($offer) => "250-{$offer}\r\n", $offers)) . "250 OK\r\n");
                break;
            case 'STAR':
                fwrite($client, "220 go on\r\n");
                $encrypted = $seen['encrypted'] = encrypt($client);
                break;
            case 'AUTH':
                [$way, $first] = explode(' ', $rest) + [1 => ''];
                if ($first === '') {
                    fwrite($client, "334 \r\n");
                    $first = trim((string) fgets($client));
                }
                $seen['user'] = explode("\0", base64_decode($first))[1] ?? '';
                $seen['password'] = hash('sha256', explode("\0", base64_decode($first))[2] ?? '');
                fwrite($client, "235 OK\r\n");
                break;
            case 'MAIL':
                $seen['from'] = preg_replace('/^FROM:<(.*?)>.*/i', '$1', $rest);
                fwrite($client, "250 OK\r\n");
                break;
            case 'RCPT':
                $seen['to'][] = preg_replace('/^TO:<(.*?)>.*/i', '$1', $rest);
                fwrite($client, $mode === 'refuse' ? "550 no such person\r\n" : "250 OK\r\n");
                break;
            case 'DATA':
                fwrite($client, "354 go on\r\n");
                $text = '';
                while (($line = fgets($client)) !== false && rtrim($line, "\r\n") !== '.') {
                    $text .= $line;
                }
                $headers = iconv_mime_decode_headers($text, 2, 'UTF-8');
                say([...$seen, 'subject' => $headers['Subject'] ?? '', 'sender' => $headers['From'] ?? '', 'text' => quoted_printable_decode($text)]);
                $seen['to'] = [];
                fwrite($client, "250 OK\r\n");
                break;
            case 'QUIT':
                fwrite($client, "221 bye\r\n");
                return;
            default:
                fwrite($client, "250 OK\r\n");
        }
    }
}

$held = [];
while (true) {
    $ready = $servers;
    $none = null;
    if (stream_select($ready, $none, $none, 60) < 1) {
        continue;
    }
    foreach ($ready as $kind => $server) {
        $client = @stream_socket_accept($server, 1);
        if ($client === false) {
            continue;
        }
        if ($kind !== 'https' && mode() === 'silent') {
            $held[] = $client;
            continue;
        }
        stream_set_timeout($client, 20);
        if ($kind === 'smtp' || encrypt($client)) {
            $kind === 'https' ? https($client) : smtp($client, $kind === 'smtps');
        }
        fclose($client);
    }
}
