<?php

/**
 * docker-certificate.php run|once|check HOST PORT FILE: when the certificate ends that Docker shows at HOST and PORT, as a metric in FILE for
 * Prometheus' node-exporter. If none is presented, the file has no value: unknown is not good. It sends nothing, and has no client certificate.
 */

const SECONDS_BETWEEN = 3600;
const SECONDS_TO_ANSWER = 10;
const NAME = 'docker_certificate_end_timestamp_seconds';

[, $verb, $host, $port, $file] = $argv + ['', '', '', '', ''];

function shown_end(string $host, string $port): ?int
{
    $options = ['verify_peer' => false, 'verify_peer_name' => false, 'capture_peer_cert' => true];
    $place = str_contains($host, ':') ? "[$host]:$port" : "$host:$port";
    $socket = @stream_socket_client("tls://$place", $code, $message, SECONDS_TO_ANSWER, STREAM_CLIENT_CONNECT, stream_context_create(['ssl' => $options]));
    if ($socket === false) {
        fwrite(STDERR, "docker-certificate: nothing is shown at $place: $message\n");

        return null;
    }
    $shown = stream_context_get_params($socket)['options']['ssl']['peer_certificate'] ?? null;
    $parsed = $shown === null ? false : openssl_x509_parse($shown);

    return $parsed === false ? null : (int) $parsed['validTo_time_t'];
}

function write_end(string $host, string $port, string $file): void
{
    $end = shown_end($host, $port);
    $text = '# HELP ' . NAME . " When the certificate ends that Docker shows.\n# TYPE " . NAME . " gauge\n" . ($end === null ? '' : NAME . " $end\n");
    if (file_put_contents("$file.new", $text) === false || !rename("$file.new", $file)) {
        throw new RuntimeException("cannot write $file");
    }
}

switch ($verb) {
    case 'run':
        while (true) {
            write_end($host, $port, $file);
            sleep(SECONDS_BETWEEN);
        }
    case 'once':
        write_end($host, $port, $file);
        exit(0);
    case 'check':
        exit(time() - (int) @filemtime($file) <= SECONDS_BETWEEN + 60 ? 0 : 1);
    default:
        fwrite(STDERR, "usage: docker-certificate.php run|once|check HOST PORT FILE\n");
        exit(64);
}
