<?php

/**
 * Loaded by BookStack with each request (APP_THEME). Changes no look: it ties BookStack's sessions to those of the portal in
 * front, sends mail as the environment says, and tells Prometheus how it goes. An error here is an error on every page.
 */

use BookStack\Access\Oidc\OidcService;
use BookStack\Facades\Theme;
use BookStack\Http\HttpRequestService;
use BookStack\Theming\ThemeEvents;
use Illuminate\Http\Request;
use Psr\Http\Client\ClientInterface;

// before anything takes hold of a connection
require __DIR__ . '/database-hangs.php';
require __DIR__ . '/metrics.php';
require __DIR__ . '/mail.php';
// before what decides whether anything is left to do after the answer
require __DIR__ . '/permissions.php';
require __DIR__ . '/after-response.php';

/**
 * Reaches the portal, and nothing else: without asking DNS, because libcurl takes every name below `localhost` for this container, and with the
 * authority of the portal, which webhooks do not trust.
 */
class PortalHttp extends HttpRequestService
{
    public function buildClient(int $timeout, array $options = []): ClientInterface
    {
        $curl = ($options['curl'] ?? []) + [CURLOPT_RESOLVE => [(string) getenv('WIKI_PORTAL_RESOLVE')]];

        return parent::buildClient($timeout, ['curl' => $curl, 'verify' => getenv('WIKI_PORTAL_CA') ?: true] + $options);
    }
}

/** User and groups from the portal; clients cannot send these headers themselves. */
function portal_person(Request $request): string
{
    return $request->header('Remote-User', '') . "\n" . $request->header('Remote-Groups', '');
}

if (config('auth.method') === 'oidc' && getenv('WIKI_PORTAL_RESOLVE')) {
    require __DIR__ . '/accounts.php';
    require __DIR__ . '/sign-on.php';
    require __DIR__ . '/session.php';

    Theme::listen(ThemeEvents::APP_BOOT, static function ($app): void {
        $app->when(OidcService::class)->needs(HttpRequestService::class)->give(PortalHttp::class);
    });

    Theme::listen(ThemeEvents::AUTH_LOGIN, static function (): void {
        // it would be part of a URL, and so of logs, at sign-out
        session()->forget('oidc_id_token');
        session()->put('portal_person', portal_person(request()));
    });

    // a session belongs to one user of the portal: another user in the same browser, or changed groups, start a new one
    Theme::listen(ThemeEvents::WEB_MIDDLEWARE_BEFORE, static function (Request $request) {
        if (!auth()->check() || session()->get('portal_person') === portal_person($request)) {
            return null;
        }
        auth()->logout();
        session()->invalidate();
        session()->regenerateToken();

        return redirect($request->isMethod('GET') ? $request->fullUrl() : '/');
    });
}
