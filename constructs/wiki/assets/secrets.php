<?php

/**
 * Read before every PHP program of the container (auto_prepend_file): puts secrets where BookStack looks for
 * settings, without a process environment that would hold them.
 */
(static function (): void {
    $files = [
        'APP_KEY' => '/run/secrets/app_key',
        'DB_PASSWORD' => '/run/secrets/mysql_bookstack_password',
    ];
    // only during a rotation: what was encrypted with the key before stays readable
    $kept = array_filter(array_map(static fn (string $file): string => trim((string) @file_get_contents($file)), glob('/run/secrets/app_key.kept.*') ?: []));
    if ($kept !== []) {
        $_SERVER['APP_PREVIOUS_KEYS'] = $_ENV['APP_PREVIOUS_KEYS'] = implode(',', $kept);
    }
    // only with single sign-on
    if (getenv('WIKI_CLIENT_SECRET_FILE') !== false) {
        $files['OIDC_CLIENT_SECRET'] = getenv('WIKI_CLIENT_SECRET_FILE');
    }
    // only if the mail server requires a password
    if (getenv('WIKI_SMTP_PASSWORD_FILE') !== false) {
        $files['MAIL_PASSWORD'] = getenv('WIKI_SMTP_PASSWORD_FILE');
    }
    foreach ($files as $name => $file) {
        $value = is_readable($file) ? trim((string) file_get_contents($file)) : '';
        if ($value === '') {
            error_log("secrets: nothing to read at {$file}");
            http_response_code(503);
            exit(78);
        }
        $_SERVER[$name] = $_ENV[$name] = $value;
    }
})();
