<?php

/**
 * How the wiki sends mail: what BookStack has no variables for, and a refusal where the environment names no mail server.
 */

use BookStack\Facades\Theme;
use BookStack\Theming\ThemeEvents;
use Illuminate\Mail\Events\MessageSent;
use Illuminate\Support\Facades\Event;
use Symfony\Component\Mailer\Exception\TransportException;
use Symfony\Component\Mailer\SentMessage;
use Symfony\Component\Mailer\Transport\AbstractTransport;

/** Seconds for each answer of the mail server. */
const MAIL_SECONDS = 10;

/** In the place of a mail server: refuses each message with the reason, and connects to nothing. */
class NoMailServer extends AbstractTransport
{
    protected function doSend(SentMessage $message): void
    {
        throw new TransportException('this wiki has no mail server: add the block mail to its environment file, then deploy');
    }

    public function __toString(): string
    {
        return 'none';
    }
}

if (config('mail.default') === 'none') {
    config()->set('mail.mailers.none', ['transport' => 'none']);
    Theme::listen(ThemeEvents::APP_BOOT, static function ($app): void {
        $app->afterResolving('mail.manager', static function ($manager): void {
            $manager->extend('none', static fn () => new NoMailServer());
        });
    });
} else {
    // BookStack itself sets the name for EHLO after its theme was read
    app()->booted(static function (): void {
        $required = getenv('WIKI_MAIL_TLS') !== 'off';
        config()->set([
            'mail.mailers.smtp.local_domain' => getenv('WIKI_MAIL_HELO') ?: config('mail.mailers.smtp.local_domain'),
            'mail.mailers.smtp.timeout' => MAIL_SECONDS,
            'mail.mailers.smtp.scheme' => $required && (int) config('mail.mailers.smtp.port') === 465 ? 'smtps' : 'smtp',
            // no TLS also means no STARTTLS, which would fail with an unknown certificate
            'mail.mailers.smtp.auto_tls' => $required,
            // the second name is that of BookStack before 25.12
            'mail.mailers.smtp.require_tls' => $required,
            'mail.mailers.smtp.tls_required' => $required,
        ]);
    });
    Event::listen(MessageSent::class, static function (): void {
        metrics_count('mails_sent');
    });
}
