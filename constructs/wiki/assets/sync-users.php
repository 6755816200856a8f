<?php

/**
 * sync-users.php USERS
 *
 * Updates accounts of the wiki from USERS (JSON): names, displayed names, e-mail addresses, roles. A user who is no longer
 * in USERS keeps the account and what it wrote, without roles, so that API tokens of that account are refused, and without the address,
 * which another user may have now. New accounts are created at the first sign-in.
 */

// whatever ends this program early is a failure, also an exit in code that is not ours
$code = 70;
register_shutdown_function(static function () use (&$code): void {
    exit($code);
});

const ROOT = '/var/www/bookstack';

require ROOT . '/vendor/autoload.php';
// for errors whose message is printed unchanged
require __DIR__ . '/database-update.php';
$app = require ROOT . '/bootstrap/app.php';
$app->make(Illuminate\Contracts\Console\Kernel::class)->bootstrap();
// Laravel's own handler prints an exception and then exits with 0
restore_exception_handler();

require __DIR__ . '/accounts.php';

use BookStack\Access\GroupSyncService;
use BookStack\Users\Models\User;
use Illuminate\Support\Facades\DB;

final class UserSync
{
    /** Domains that never receive mail (RFC 2606): of an account without a user, and of one that waits for its address. */
    private const REMOVED = '@removed.invalid';
    private const MOVING = '@moving.invalid';

    /** @var array<string, User> */
    private array $accounts;

    public function __construct(private readonly array $users, private readonly GroupSyncService $groups)
    {
        $this->accounts = UserAccounts::all();
    }

    public function run(): void
    {
        foreach ($this->users as $user) {
            $this->rename($user['name'], $user['previousNames']);
        }
        foreach (array_diff_key($this->accounts, array_column($this->users, null, 'name')) as $name => $account) {
            $this->remove((string) $name, $account);
        }
        $present = array_filter($this->users, fn (array $user) => isset($this->accounts[$user['name']]));
        // two users may have swapped their addresses
        foreach ($present as ['name' => $name, 'email' => $email]) {
            if ($this->accounts[$name]->email !== $email) {
                $this->moveAddress($name, $email);
            }
        }
        foreach ($present as $user) {
            $this->update($user);
        }
    }

    private function rename(string $name, array $previousNames): void
    {
        foreach ($previousNames as $previous) {
            $account = $this->accounts[$previous] ?? null;
            if ($account === null) {
                continue;
            }
            if (isset($this->accounts[$name])) {
                throw new SetupFailure(
                    "{$name} was {$previous} before, and both have an account in the wiki. Delete one of them in the wiki's settings "
                    . "(its content can be given to the other), or remove {$previous} from previousNames, then deploy again",
                );
            }
            UserAccounts::assign($account, $name);
            unset($this->accounts[$previous]);
            $this->accounts[$name] = $account;
            say("{$previous} is now {$name}");
        }
    }

    private function remove(string $name, User $account): void
    {
        $changed = $account->roles()->sync([])['detached'] !== [];
        if (!str_ends_with($account->email, self::REMOVED)) {
            UserAccounts::setEmail($account, $name . self::REMOVED);
            $changed = true;
        }
        if ($changed) {
            say("removed: {$name}");
        }
    }

    private function moveAddress(string $name, string $email): void
    {
        $holder = UserAccounts::holder($email, $this->accounts[$name]);
        if ($holder !== null && !in_array($holder->id, array_map(static fn (User $user) => $user->id, $this->accounts), true)) {
            say("{$name} keeps the former e-mail address: account {$holder->id}, which belongs to no entry of users, has the new one");

            return;
        }
        UserAccounts::setEmail($this->accounts[$name], $name . self::MOVING);
    }

    private function update(array $user): void
    {
        $account = $this->accounts[$user['name']];
        $changed = UserAccounts::update($account, $user['displayName'], $user['email']);
        $before = $account->roles()->pluck('id')->sort()->values()->all();
        $this->groups->syncUserWithFoundGroups($account, $user['groups'], true);
        if ($account->roles()->pluck('id')->sort()->values()->all() !== $before) {
            $changed[] = 'roles';
        }
        if ($changed !== []) {
            say("{$user['name']}: " . implode(', ', $changed));
        }
    }
}

function say(string $text): void
{
    fwrite(STDERR, "users: {$text}\n");
}

try {
    $users = json_decode((string) file_get_contents($argv[1] ?? ''), true, 8, JSON_THROW_ON_ERROR);
    DB::transaction(static fn () => (new UserSync($users, $app->make(GroupSyncService::class)))->run());
    $older = User::query()->where('external_auth_id', 'like', '________-____-____-____-____________')->count();
    if ($older > 0) {
        say("accounts that are recognized at the next sign-in of their users: {$older}");
    }
    $code = 0;
} catch (Throwable $error) {
    foreach (explain($error) as $line) {
        say($line);
    }
    $code = 1;
}
