import { runSync } from "../support/bounded";
import { docker, succeeded, until } from "../support/deployment";
import { imageOf } from "../support/images";
import { token } from "../support/portal";
import { ask, cookiesOf } from "./ask";
import type { Side } from "./load-generator";

const ADMIN = { email: "first@wiki.localhost", password: "password-of-the-bench" };
/** Only for this test: the container is removed after it. */
const KEY = "base64:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
const SQL = "CREATE DATABASE wiki; CREATE USER wiki@'%' IDENTIFIED BY 'wiki'; GRANT ALL ON wiki.* TO wiki@'%';";

/** BookStack and MySQL as their images have them: no reverse proxy, no settings but those that they require. */
export class BareWiki {
  public readonly url: string;
  /** Its containers, by what they are called beside ours. */
  public readonly containers: Readonly<Record<string, string>>;

  constructor(
    private readonly name: string,
    port: number,
    /** Second byte of its network, as that of an environment. */
    private readonly subnets: number,
  ) {
    this.url = `http://127.0.0.1:${port}`;
    this.containers = { bookstack: name, "bookstack-db": `${name}-db` };
  }

  public async start(seed: string): Promise<void> {
    this.remove();
    const { name, url } = this;
    docker("network", "create", "--subnet", `10.${this.subnets}.1.0/26`, name);
    const script = `mysqld --initialize-insecure --user=mysql && echo "${SQL}" >/tmp/init.sql && exec mysqld --user=mysql --init-file=/tmp/init.sql`;
    docker("run", "--detach", "--name", `${name}-db`, "--network", name, "--entrypoint", "sh", imageOf("mysql"), "-c", script);
    const ready = ["exec", `${name}-db`, "mysql", "-h127.0.0.1", "-uwiki", "-pwiki", "wiki", "-e", "SELECT 1"];
    await until(() => runSync("docker", ready, { seconds: 20 }).status === 0, 90, "MySQL of the bare wiki answers");
    const database = [`DB_HOST=${name}-db:3306`, "DB_DATABASE=wiki", "DB_USERNAME=wiki", "DB_PASSWORD=wiki"];
    const variables = [...database, `APP_KEY=${KEY}`, `APP_URL=${url}`].flatMap((each) => ["--env", each]);
    const port = new URL(url).port;
    docker("run", "--detach", "--name", name, "--network", name, "--publish", `127.0.0.1:${port}:8080`, ...variables, imageOf("bookstack"));
    await until(async () => (await ask({ url: `${url}/login` }).catch(() => undefined))?.status === 200, 120, "the bare wiki answers");
    this.php(`<?php require 'vendor/autoload.php'; $app = require 'bootstrap/app.php';
      $app->make(Illuminate\\Contracts\\Console\\Kernel::class)->bootstrap();
      $user = BookStack\\Users\\Models\\User::query()->where('email', 'admin@admin.com')->firstOrFail();
      $user->email = '${ADMIN.email}'; $user->password = bcrypt('${ADMIN.password}'); $user->save();`);
    this.php(seed);
  }

  /** Signs in with BookStack's own form, and opens the wiki. */
  public async side(): Promise<Side> {
    const url = `${this.url}/login`;
    const form = await ask({ url });
    const body = `${new URLSearchParams({ _token: token(form.text), ...ADMIN })}`;
    const headers = { cookie: cookiesOf(form), "content-type": "application/x-www-form-urlencoded" };
    const answer = await ask({ url, method: "POST", body, headers });
    if (answer.status !== 302 || answer.headers.location?.endsWith("/login")) throw new Error(`the bare wiki refused its administrator: ${answer.status}`);
    const cookie = cookiesOf(answer);
    const home = await ask({ url: this.url, headers: { cookie } });
    if (home.status !== 200) throw new Error(`the bare wiki answered ${home.status} after the sign-in`);
    return { name: "bare", url: this.url, headers: { cookie } };
  }

  public remove(): void {
    runSync("docker", ["rm", "--force", "--volumes", this.name, `${this.name}-db`]);
    runSync("docker", ["network", "rm", this.name]);
  }

  private php(input: string): void {
    succeeded(runSync("docker", ["exec", "--interactive", this.name, "php", "--", "1"], { input }));
  }
}
