<?php

/** Run in the wiki: creates a book with as many pages as the argument says. */

require '/var/www/bookstack/vendor/autoload.php';
$app = require '/var/www/bookstack/bootstrap/app.php';
$app->make(Illuminate\Contracts\Console\Kernel::class)->bootstrap();

use BookStack\Entities\Repos\BookRepo;
use BookStack\Entities\Repos\PageRepo;
use BookStack\Users\Models\User;

auth()->login(User::query()->where('email', '=', 'first@wiki.localhost')->firstOrFail());
$book = $app->make(BookRepo::class)->create(['name' => 'Book of pages']);
$pages = $app->make(PageRepo::class);
for ($number = 1; $number <= (int) $argv[1]; $number++) {
    $pages->publishDraft($pages->getNewDraftPage($book), ['name' => "Page {$number}", 'html' => '<p>text</p>']);
}
