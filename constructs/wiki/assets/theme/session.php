<?php

/**
 * Tells people who write when the portal is about to sign them out, and keeps what they wrote when it has.
 *
 * The portal answers a form that comes too late with its own page: what was in the form is lost. So each page asks before it sends one.
 */

use BookStack\Facades\Theme;
use BookStack\Theming\ThemeEvents;
use Illuminate\Http\Request;
use Illuminate\Routing\Router;

/** The path at which pages ask how long the session lasts; behind the portal, like every page. */
const SESSION_STATE = '/session-state';

/** The session of the portal, as far as the wiki can know it: by the cookie that browsers send to all that the portal guards. */
final class PortalSession
{
    private const KEY = 'portal_session';

    /** Notes a session that the wiki has not seen yet. It began now, unless the portal says when. */
    public static function note(Request $request, ?int $began = null): void
    {
        $cookies = self::cookies($request);
        $known = session()->get(self::KEY);
        if ($began === null && $known !== null && array_diff($cookies, $known['cookies']) === []) {
            return;
        }
        session()->put(self::KEY, ['cookies' => $cookies, 'began' => $began ?? time()]);
    }

    public static function secondsLeft(): int
    {
        $began = session()->get(self::KEY)['began'] ?? time();

        return $began + (int) getenv('WIKI_SESSION_SECONDS') - time();
    }

    /** Hashes, because the cookies themselves give access. Read from the header, because BookStack drops cookies that it did not encrypt. */
    private static function cookies(Request $request): array
    {
        preg_match_all('/(?:^|;)\s*(authelia_session[^=;]*=[^;]*)/', (string) $request->headers->get('cookie'), $found);

        return array_map(static fn (string $cookie) => substr(hash('sha256', $cookie), 0, 16), $found[1]);
    }
}

/** The script for the end of a page; nothing without a session. */
function session_notice(string $nonce): string
{
    if ($nonce === '' || !auth()->check()) {
        return '';
    }
    $texts = require __DIR__ . '/session-texts.php';
    $data = [
        'seconds-left' => PortalSession::secondsLeft(),
        'session' => (int) getenv('WIKI_SESSION_SECONDS'),
        'inactivity' => (int) getenv('WIKI_INACTIVITY_SECONDS'),
        'user' => auth()->id(),
        'state' => url(SESSION_STATE),
        'home' => url('/'),
        'texts' => json_encode($texts[strtok(app()->getLocale(), '_-')] ?? $texts['en'], JSON_UNESCAPED_UNICODE),
    ];
    $attributes = '';
    foreach ($data as $name => $value) {
        $attributes .= " data-{$name}=\"" . e((string) $value) . '"';
    }

    return '<script nonce="' . e($nonce) . "\"{$attributes}>\n" . file_get_contents(__DIR__ . '/session.js') . "</script>\n";
}

Theme::listen(ThemeEvents::AUTH_LOGIN, static function (): void {
    $began = PortalToken::$claims['auth_time'] ?? null;
    PortalSession::note(request(), is_numeric($began) ? (int) $began : time());
});

Theme::listen(ThemeEvents::WEB_MIDDLEWARE_BEFORE, static function (Request $request) {
    if (auth()->check()) {
        PortalSession::note($request);
    }

    return null;
});

Theme::listen(ThemeEvents::ROUTES_REGISTER_WEB_AUTH, static function (Router $router): void {
    $router->get(SESSION_STATE, static fn () => response()->json([
        'secondsLeft' => PortalSession::secondsLeft(),
        'user' => auth()->id(),
        // of a session that is newer than the page
        'token' => csrf_token(),
    ]));
});
