<?php

/**
 * Writes, reads, searches and uploads through BookStack's own API and pages, and leaves nothing behind.
 *
 * The account that does it exists in one transaction only, which is rolled back: the requests are handled within this process,
 * on the same connection. Prints one line for each step that succeeded; the first that fails ends the program with 1.
 */

use BookStack\Users\Models\User;
use Illuminate\Contracts\Foundation\Application;
use Illuminate\Http\Request;
use Illuminate\Http\UploadedFile;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Hash;
use Illuminate\Support\Facades\Schema;

final class SmokeTest
{
    /** A word that no page has. */
    private readonly string $word;
    private readonly string $token;
    private readonly int $user;
    /** Paths of files that were uploaded. */
    private array $files = [];

    public function __construct(private readonly Application $app)
    {
        $this->word = 'smoketest' . bin2hex(random_bytes(8));
        $this->token = bin2hex(random_bytes(16)) . ':' . bin2hex(random_bytes(16));
    }

    public function run(): void
    {
        DB::beginTransaction();
        try {
            // they would announce a page that nobody can open
            DB::table('webhooks')->update(['active' => false]);
            $this->makeAccount();
            $this->steps();
        } finally {
            DB::rollBack();
            foreach ($this->files as $file) {
                @unlink($file);
            }
        }
    }

    private function steps(): void
    {
        $book = $this->ask('write', 'POST', '/api/books', ['name' => $this->word]);
        $page = $this->ask('write', 'POST', '/api/pages', ['book_id' => $book['id'], 'name' => $this->word, 'html' => "<p>{$this->word}</p>"]);
        $this->done('write', 'a book and a page are created');

        $read = $this->ask('read', 'GET', "/api/pages/{$page['id']}");
        $this->require('read', str_contains($read['html'] ?? '', $this->word), 'the page does not have its text');
        $this->requirePage("/books/{$book['slug']}/page/{$read['slug']}");
        $this->done('read', 'the page is read, by the API and as a page of the interface');

        $found = $this->ask('search', 'GET', "/api/search?query={$this->word}")['data'] ?? [];
        $pages = array_filter($found, static fn (array $result) => $result['type'] === 'page' && $result['id'] === $page['id']);
        $this->require('search', count($pages) === 1, 'the page is not found by its word');
        $this->done('search', 'the page is found by a word of its text');

        $this->upload($page['id']);
    }

    /** One pixel, as PNG. */
    private static function picture(): string
    {
        ob_start();
        imagepng(imagecreatetruecolor(1, 1));
        return (string) ob_get_clean();
    }

    private function upload(int $page): void
    {
        $source = tempnam(sys_get_temp_dir(), 'smoke');
        $this->files[] = $source;
        $picture = self::picture();
        file_put_contents($source, $picture);
        $file = new UploadedFile($source, "{$this->word}.png", 'image/png', null, true);
        $image = $this->ask('upload', 'POST', '/api/image-gallery', ['type' => 'gallery', 'uploaded_to' => $page], ['image' => $file]);
        // private pictures are below storage/, others below public/
        $places = array_map(static fn (string $folder) => ROOT . "/{$folder}{$image['path']}", ['storage', 'public']);
        array_push($this->files, ...$places);
        $stored = array_filter($places, 'is_file');
        $this->require('upload', $stored !== [], "there is no file {$image['path']}");
        $this->require('upload', file_get_contents(reset($stored)) === $picture, 'the stored picture is not the one that was sent');
        $this->ask('upload', 'DELETE', "/api/image-gallery/{$image['id']}");
        $this->require('upload', array_filter($places, 'is_file') === [], 'the deleted picture is still there');
        $this->done('upload', 'a picture is stored in the volume, and deleted');
    }

    /** With a role of its own, so that it does not depend on what others may do. */
    private function makeAccount(): void
    {
        $role = $this->insert('roles', ['display_name' => $this->word, 'description' => '', 'system_name' => '', 'external_auth_id' => '', 'mfa_enforced' => false]);
        $permissions = DB::table('role_permissions')->pluck('id')->map(static fn (int $id) => ['permission_id' => $id, 'role_id' => $role]);
        DB::table('permission_role')->insert($permissions->all());
        $this->user = $this->insert('users', [
            'name' => $this->word,
            'slug' => $this->word,
            'email' => "{$this->word}@smoke-test.invalid",
            'password' => Hash::make(bin2hex(random_bytes(16))),
            'email_confirmed' => true,
            'external_auth_id' => '',
        ]);
        DB::table('role_user')->insert(['user_id' => $this->user, 'role_id' => $role]);
        [$id, $secret] = explode(':', $this->token);
        $this->insert('api_tokens', [
            'name' => $this->word,
            'token_id' => $id,
            'secret' => Hash::make($secret),
            'user_id' => $this->user,
            'expires_at' => date('Y-m-d', time() + 2 * 86400),
        ]);
    }

    /** A row with the columns that this release has. */
    private function insert(string $table, array $row): int
    {
        $now = date('Y-m-d H:i:s');
        $known = array_flip(Schema::getColumnListing($table));

        return DB::table($table)->insertGetId(array_intersect_key([...$row, 'created_at' => $now, 'updated_at' => $now], $known));
    }

    /** One request to the API, and its answer. */
    private function ask(string $step, string $method, string $path, array $fields = [], array $files = []): array
    {
        $headers = ['HTTP_AUTHORIZATION' => "Token {$this->token}", 'HTTP_ACCEPT' => 'application/json'];
        auth()->forgetGuards();
        [$status, $body] = $this->handle(Request::create(url($path), $method, $fields, [], $files, $headers));
        $answer = $body === '' ? [] : json_decode($body, true);
        $message = is_array($answer) ? ($answer['error']['message'] ?? '') : '';
        $this->require($step, $status < 300 && is_array($answer), "{$method} " . strtok($path, '?') . " is answered {$status} {$message}");

        return $answer;
    }

    private function requirePage(string $path): void
    {
        auth()->forgetGuards();
        auth()->shouldUse('standard');
        auth()->setUser(User::query()->findOrFail($this->user));
        [$status, $body] = $this->handle(Request::create(url($path), 'GET'));
        $this->require('read', $status === 200 && str_contains($body, $this->word), "the page of the interface is answered {$status}, or without its text");
    }

    /** Status and body. */
    private function handle(Request $request): array
    {
        $response = $this->app->make(Illuminate\Contracts\Http\Kernel::class)->handle($request);

        return [$response->getStatusCode(), (string) $response->getContent()];
    }

    private function require(string $step, bool $is, string $problem): void
    {
        if (!$is) {
            throw new SmokeFailure("{$step}: {$problem}");
        }
    }

    private function done(string $step, string $what): void
    {
        echo "{$step}\t{$what}\n";
    }
}

final class SmokeFailure extends RuntimeException
{
}

try {
    (new SmokeTest($app))->run();
    $code = 0;
} catch (Throwable $error) {
    $where = $error instanceof SmokeFailure ? '' : get_class($error) . ' in ' . basename($error->getFile()) . ":{$error->getLine()}: ";
    // a message of the database may have the values of a statement
    $message = $error instanceof Illuminate\Database\QueryException ? (string) $error->getPrevious()?->getMessage() : $error->getMessage();
    fwrite(STDERR, "smoke test: {$where}{$message}\n");
    $code = 1;
}
