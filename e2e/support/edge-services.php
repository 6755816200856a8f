<?php
/*
 * Fake services behind Traefik, on two ports: the portal (9091) and the wiki (3000). It answers like them to each kind of
 * request, so that Traefik writes the lines of its access log that CrowdSec reads.
 */
$headers = array_change_key_case(getallheaders());
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);

/** Ends the request. */
function answer(int $status, array $more = []): void
{
    http_response_code($status);
    foreach ($more as $name => $value) {
        header("$name: $value");
    }
    // without a length the answer goes out in pieces, each of which its client has to take
    if (!isset($_SERVER['HTTP_X_PIECES'])) {
        header('Content-Length: ' . strlen("$status\n"));
    }
    echo "$status\n";
    exit;
}

if ($_SERVER['SERVER_PORT'] === '9091') {
    if ($path === '/api/firstfactor') {
        answer(str_contains(file_get_contents('php://input'), 'wrong') ? 401 : 200);
    }
    if ($path !== '/api/authz/forward-auth') {
        answer(200);
    }
    $uri = $headers['x-forwarded-uri'] ?? '/';
    if (preg_match('/authelia_session=valid-(\w+)/', $headers['cookie'] ?? '', $session)) {
        answer(200, ['Remote-User' => $session[1]]);
    }
    if (preg_match('#^/api/[a-z0-9/-]+([?].*)?$#', $uri) && !str_starts_with($uri, '/api/docs')) {
        answer(200);
    }
    $page = str_contains($headers['accept'] ?? '', 'text/html') && ($headers['x-forwarded-method'] ?? '') === 'GET';
    answer($page ? 302 : 401, $page ? ['Location' => 'https://auth.wiki.localhost/?rd=' . urlencode($uri)] : []);
}

$tokens = ['Token valid:secret' => 200, 'Token expired:secret' => 403];
if (str_starts_with($path, '/api/')) {
    $status = $tokens[$headers['authorization'] ?? ''] ?? 401;
    if ($status !== 200) {
        answer($status);
    }
}
if (isset($headers['x-wait'])) {
    sleep((int) $headers['x-wait']);
}
answer((int) ($headers['x-answer'] ?? 200));
