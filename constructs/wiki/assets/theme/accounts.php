<?php

/**
 * Accounts of the wiki that belong to users of the environment file.
 *
 * The External Authentication ID of such an account is the user's name in that file. An e-mail address never decides whose an account is:
 * addresses are given to others.
 */

use BookStack\Users\Models\User;
use BookStack\Users\UserRepo;

final class UserAccounts
{
    /** Names of users as the environment file has them; older accounts have an opaque ID of the portal instead, which is longer. */
    private const NAME = '/^[a-z][a-z0-9_.-]{0,31}$/';

    public static function find(string $externalId): ?User
    {
        if ($externalId === '') {
            return null;
        }

        return User::query()->where('external_auth_id', '=', $externalId)->whereNull('system_name')->orderBy('id')->first();
    }

    /** Every account of a current or former user of the environment file: name → account. */
    public static function all(): array
    {
        $accounts = [];
        foreach (User::query()->where('external_auth_id', '!=', '')->whereNull('system_name')->orderBy('id')->get() as $user) {
            $name = strtolower($user->external_auth_id);
            if (preg_match(self::NAME, $name)) {
                $accounts[$name] ??= $user;
            }
        }

        return $accounts;
    }

    /** Gives the account to the user `$name`. */
    public static function assign(User $user, string $name): void
    {
        self::write($user, ['external_auth_id' => $name]);
    }

    /** Sets what differs; the names of what it set. */
    public static function update(User $user, string $displayName, string $email): array
    {
        $changes = $user->name === $displayName ? [] : ['name' => $displayName];
        if ($user->email !== $email && self::holder($email, $user) === null) {
            $changes['email'] = $email;
        }
        if ($changes !== []) {
            self::write($user, $changes);
        }

        return array_keys($changes);
    }

    /** Another account with this address, in any case of its letters. */
    public static function holder(string $email, ?User $besides = null): ?User
    {
        $query = User::query()->where('email', '=', $email);

        return $besides === null ? $query->first() : $query->where('id', '!=', $besides->id)->first();
    }

    public static function setEmail(User $user, string $email): void
    {
        self::write($user, ['email' => $email]);
    }

    private static function write(User $user, array $changes): void
    {
        $users = app()->make(UserRepo::class);
        // older versions have no update that leaves the audit log alone
        $update = method_exists($users, 'updateWithoutActivity') ? 'updateWithoutActivity' : 'update';
        $users->$update($user, $changes, true);
    }
}
