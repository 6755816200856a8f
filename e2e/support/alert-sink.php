<?php

/**
 * Takes what Alertmanager sends, and prints it: calls over HTTP on port 8080, mail over SMTP on port 2525; one JSON object for each.
 */
$servers = ['http' => stream_socket_server('tcp://0.0.0.0:8080'), 'smtp' => stream_socket_server('tcp://0.0.0.0:2525')];

function say(array $what): void
{
    fwrite(STDOUT, json_encode($what) . "\n");
}

function http($client): void
{
    $request = (string) fgets($client);
    $length = 0;
    while (($line = fgets($client)) !== false && trim($line) !== '') {
        if (preg_match('/^content-length: (\d+)/i', $line, $match)) {
            $length = (int) $match[1];
        }
    }
    $body = $length > 0 ? (string) stream_get_contents($client, $length) : '';
    say(['to' => explode(' ', $request)[1] ?? '', 'body' => json_decode($body, true)]);
    fwrite($client, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}

function smtp($client): void
{
    fwrite($client, "220 sink\r\n");
    $recipient = '';
    while (($line = fgets($client)) !== false) {
        $verb = strtoupper(substr($line, 0, 4));
        if ($verb === 'RCPT') {
            $recipient = trim(explode(':', $line, 2)[1] ?? '', "<> \r\n");
        }
        if ($verb === 'DATA') {
            fwrite($client, "354 go on\r\n");
            $mail = '';
            while (($line = fgets($client)) !== false && rtrim($line, "\r\n") !== '.') {
                $mail .= $line;
            }
            preg_match('/^Subject: (.*?)\r?\n(?!\s)/ms', $mail, $subject);
            say(['to' => "mailto:$recipient", 'subject' => iconv_mime_decode($subject[1] ?? '', 0, 'UTF-8'), 'mail' => $mail]);
        }
        fwrite($client, $verb === 'QUIT' ? "221 bye\r\n" : "250 ok\r\n");
        if ($verb === 'QUIT') {
            return;
        }
    }
}

while (true) {
    $ready = array_values($servers);
    $none = null;
    if (stream_select($ready, $none, $none, 60) < 1) {
        continue;
    }
    foreach ($ready as $server) {
        $client = stream_socket_accept($server, 1);
        if ($client === false) {
            continue;
        }
        stream_set_timeout($client, 5);
        $server === $servers['http'] ? http($client) : smtp($client);
        fclose($client);
    }
}
