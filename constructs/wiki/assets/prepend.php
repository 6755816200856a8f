<?php

/** Runs before every PHP script in this container (auto_prepend_file). */

require __DIR__ . '/requests/leftovers.php';
require __DIR__ . '/requests/expensive.php';
require __DIR__ . '/secrets.php';

SecureBookStack\Leftovers::remove();
if (PHP_SAPI !== 'cli') {
    SecureBookStack\ExpensiveRequest::admit();
}
