<?php

/**
 * Finds the account by the user's name in the environment file, and updates it from the portal's claims.
 */

use BookStack\Access\RegistrationService;
use BookStack\Exceptions\UserRegistrationException;
use BookStack\Facades\Theme;
use BookStack\Theming\ThemeEvents;
use BookStack\Users\Models\User;
use Illuminate\Support\Facades\Log;

/** What the portal's token says in this request. BookStack validates the token before it asks for an account. */
final class PortalToken
{
    public static array $claims = [];
}

final class UserRegistration extends RegistrationService
{
    public function findOrRegister(string $name, string $email, string $externalId): User
    {
        $user = UserAccounts::find($externalId) ?? $this->adopt($externalId);
        if ($user === null) {
            $this->requireFree($email, $externalId);

            return parent::findOrRegister($name, $email, $externalId);
        }
        UserAccounts::update($user, $name, $email);
        if (strcasecmp($user->email, $email) !== 0) {
            Log::warning("The account of {$externalId} keeps its former e-mail address: another account has the new one.");
        }

        return $user;
    }

    /** An account that was made when accounts had the portal's opaque ID of the user. */
    private function adopt(string $externalId): ?User
    {
        $user = UserAccounts::find((string) (PortalToken::$claims['sub'] ?? ''));
        if ($user !== null) {
            UserAccounts::assign($user, $externalId);
        }

        return $user;
    }

    private function requireFree(string $email, string $externalId): void
    {
        if (UserAccounts::holder($email) === null) {
            return;
        }
        throw new UserRegistrationException(
            "Another account of this wiki has the e-mail address {$email}. If it is yours, an administrator sets its "
            . "External Authentication ID to \"{$externalId}\"; if not, an administrator changes its e-mail address.",
            '/login',
        );
    }
}

Theme::listen(ThemeEvents::APP_BOOT, static function ($app): void {
    $app->bind(RegistrationService::class, UserRegistration::class);
});

Theme::listen(ThemeEvents::OIDC_ID_TOKEN_PRE_VALIDATE, static function (array $claims) {
    PortalToken::$claims = $claims;

    return null;
});
