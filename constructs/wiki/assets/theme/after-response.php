<?php

/**
 * Sends notifications after the response: a slow mail server or webhook then does not delay users who save a page.
 *
 * BookStack would do it before it answers (QUEUE_CONNECTION=sync), one recipient after the other, within the transaction that holds the page.
 */

use BookStack\Activity\DispatchWebhookJob;
use BookStack\Activity\Models\Webhook;
use BookStack\Activity\Notifications\Messages\BaseActivityNotification;
use BookStack\Facades\Theme;
use BookStack\Theming\ThemeEvents;
use Illuminate\Foundation\Http\Events\RequestHandled;
use Illuminate\Notifications\SendQueuedNotifications;
use Illuminate\Queue\Connectors\ConnectorInterface;
use Illuminate\Queue\SyncQueue;
use Illuminate\Support\Facades\Event;
use Illuminate\Support\Facades\Log;
use Symfony\Component\Mailer\Exception\UnexpectedResponseException;

/** What is left to do when the answer to this request is out. */
class AfterResponse
{
    /** @var callable[] */
    private static array $calls = [];
    /** @var array{int, callable}[] id of each recipient, and what sends the mail */
    private static array $mails = [];

    public static function call(callable $call): void
    {
        self::$calls[] = $call;
    }

    public static function mail(int $recipient, callable $send): void
    {
        self::$mails[] = [$recipient, $send];
    }

    public static function isEmpty(): bool
    {
        return self::$calls === [] && self::$mails === [];
    }

    public static function run(): void
    {
        ignore_user_abort(true);
        foreach (self::$calls as $call) {
            $call();
        }
        self::sendMails();
        [self::$calls, self::$mails] = [[], []];
    }

    /** Once the mail server has failed, the other mails of this request are not tried: each try may take many seconds. */
    private static function sendMails(): void
    {
        foreach (self::$mails as $index => [$recipient, $send]) {
            try {
                $send();
            } catch (\Throwable $error) {
                Log::error("Failed to send email notification to user [id:{$recipient}] with error: {$error->getMessage()}");
                metrics_count('mails_failed');
                // one recipient that the server refuses says nothing about the next
                if ($error instanceof UnexpectedResponseException) {
                    continue;
                }
                $left = count(self::$mails) - $index - 1;
                if ($left > 0) {
                    Log::error("{$left} more email notifications of this change are not tried");
                    metrics_count(...array_fill(0, $left, 'mails_failed'));
                }

                return;
            }
        }
    }
}

/** Holds notifications of changes and webhooks back until the answer is out; everything else is done at once. */
class AfterResponseQueue extends SyncQueue
{
    public function push($job, $data = '', $queue = null)
    {
        if ($job instanceof DispatchWebhookJob) {
            AfterResponse::call(fn () => parent::push($job, $data, $queue));
        } elseif (!$job instanceof SendQueuedNotifications || !$job->notification instanceof BaseActivityNotification) {
            return parent::push($job, $data, $queue);
        } elseif (config('mail.default') !== 'none') {
            AfterResponse::mail((int) $job->notifiables->first()?->id, fn () => parent::push($job, $data, $queue));
        }

        return 0;
    }
}

class AfterResponseConnector implements ConnectorInterface
{
    public function connect(array $config)
    {
        return new AfterResponseQueue();
    }
}

if (!app()->runningInConsole() && config('queue.default') === 'sync') {
    config()->set(['queue.default' => 'after-response', 'queue.connections.after-response' => ['driver' => 'after-response']]);
    Theme::listen(ThemeEvents::APP_BOOT, static function ($app): void {
        $app->afterResolving('queue', static function ($manager): void {
            $manager->addConnector('after-response', static fn () => new AfterResponseConnector());
        });
        $app->terminating(AfterResponse::run(...));
    });

    // with a content length the response is complete for the browser, and Traefik sends no other request over a connection in use
    Event::listen(RequestHandled::class, static function (RequestHandled $event): void {
        $text = AfterResponse::isEmpty() ? false : $event->response->getContent();
        if ($text !== false && function_exists('apache_setenv')) {
            apache_setenv('no-gzip', '1');
            $event->response->headers->add(['Content-Length' => (string) strlen($text), 'Connection' => 'close']);
        }
    });
}

Event::listen('eloquent.updated: ' . Webhook::class, static function (Webhook $webhook): void {
    if ($webhook->wasChanged('last_called_at')) {
        metrics_count($webhook->wasChanged('last_errored_at') ? 'webhooks_failed' : 'webhooks_sent');
    }
});
