<?php

/**
 * Run in the wiki: makes a book that several people watch, an API token of the administrator, and webhooks for new pages.
 * Arguments: password of the token, number of people, URLs of webhooks. Prints the id of the book.
 */

require '/var/www/bookstack/vendor/autoload.php';
$app = require '/var/www/bookstack/bootstrap/app.php';
$app->make(Illuminate\Contracts\Console\Kernel::class)->bootstrap();

use BookStack\Activity\Models\Webhook;
use BookStack\Activity\Tools\UserEntityWatchOptions;
use BookStack\Api\ApiToken;
use BookStack\Entities\Repos\BookRepo;
use BookStack\Users\Models\Role;
use BookStack\Users\Models\User;
use Illuminate\Support\Facades\Hash;

[, $secret, $people] = $argv;
$administrator = User::query()->where('email', '=', 'first@wiki.localhost')->firstOrFail();
auth()->login($administrator);

$token = new ApiToken();
$token->forceFill(['name' => 'e2e', 'token_id' => 'e2e', 'secret' => Hash::make($secret), 'user_id' => $administrator->id, 'expires_at' => '2099-01-01'])->save();

$book = $app->make(BookRepo::class)->create(['name' => 'Watched']);
for ($number = 1; $number <= (int) $people; $number++) {
    $user = new User();
    $user->forceFill(['name' => "Watcher {$number}", 'email' => "watcher{$number}@wiki.localhost", 'slug' => "watcher-{$number}"]);
    $user->forceFill(['password' => Hash::make($secret), 'email_confirmed' => true])->save();
    $user->roles()->sync([Role::query()->where('system_name', '=', 'admin')->firstOrFail()->id]);
    (new UserEntityWatchOptions($user, $book))->updateLevelByName('new');
}
foreach (array_slice($argv, 3) as $url) {
    $webhook = new Webhook();
    $webhook->forceFill(['name' => $url, 'endpoint' => $url, 'active' => true, 'timeout' => 5])->save();
    $webhook->updateTrackedEvents(['page_create']);
}
echo $book->id;
