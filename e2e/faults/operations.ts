import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type Deployment, killGroup } from "../support/deployment";
import type { Containers } from "./containers";
import type { Fault } from "./fault";
import { output, run } from "./run";

/** Seconds after which a deploy is killed: it plans, then replaces the wiki, then waits for its health. */
const MOMENTS = process.env.E2E_SLOW === "1" ? [4, 8, 12, 16, 20, 24, 28, 32, 40, 50] : [14, 28];

export interface Operated {
  readonly wiki: Deployment;
  readonly containers: Containers;
  /** Writes the environment with a time zone: another one replaces the wiki at the next deploy. */
  readonly write: (timezone: string) => void;
  /** Waits until all users are served again. */
  readonly whole: () => Promise<number | undefined>;
}

/** Kills a command with everything that it started, unless it has ended already. */
const kill = (child: ChildProcess) => killGroup(child).catch(() => undefined);

export function deployFaults(operated: Operated): Fault[] {
  const { wiki, write } = operated;
  let results: { status: number; output: string }[] = [];
  const twoAtOnce: Fault = {
    part: "bookstack",
    // the time zone is also one of the backup
    restarts: ["backup"],
    what: "two deploys at once",
    strike: async () => {
      write("Europe/Paris");
      results = await Promise.all([wiki.commandInBackground("deploy"), wiki.commandInBackground("deploy")]);
    },
    afterwards: async () => {
      const codes = results.map(({ status }) => status).sort();
      return codes.join() === "0,1" || codes.join() === "0,0" ? undefined : `the deploys ended with ${codes.join(" and ")}`;
    },
    note: "Both replace the wiki (another time zone): what is seen is the replacement. One of them ends with an error.",
  };
  const killed = MOMENTS.map(
    (seconds, index): Fault => ({
      part: "bookstack",
      restarts: ["backup"],
      what: `deploy killed (-9) after ${seconds} s, then deployed again`,
      strike: async () => {
        write(["Europe/Berlin", "Europe/Rome"][index % 2] ?? "UTC");
        const child = wiki.start("deploy");
        await pause(seconds * 1000);
        await kill(child);
      },
      repair: async () => {
        const { status, output: message } = await wiki.commandInBackground("deploy");
        if (status !== 0) throw new Error(message);
      },
      byHand: true,
      note: "The deploy replaces the wiki (another time zone). Ten moments of a first deploy: e2e/interrupted-deploy-e2e.test.ts with E2E_SLOW=1.",
    }),
  );
  return [twoAtOnce, ...killed];
}

/** A host that goes down while a job of its own is at work; the nearest thing without a host to restart. */
export function jobFaults(operated: Operated): Fault[] {
  const { wiki, containers } = operated;
  const backup: Fault = {
    part: "backup",
    what: "killed (-9) in the middle of a backup",
    strike: async () => {
      const child = wiki.start("backup");
      await pause(4000);
      await Promise.all([containers.kill("backup"), kill(child)]);
    },
    afterwards: async () => {
      await operated.whole();
      const { status, output: message } = await wiki.commandInBackground("backup");
      return status === 0 ? undefined : `the next backup failed: ${message.slice(-200)}`;
    },
    note: "The command and the container are killed, as by a host that goes down; the next backup has to succeed.",
  };
  return [backup];
}

/** The last one: a restore takes the wiki back to the time of the set. */
export function restoreFault(operated: Operated): Fault {
  const { wiki } = operated;
  const stopped = async () => (await output("docker", "inspect", "--format", "{{.State.Running}}", wiki.container("bookstack"))) === "false";
  return {
    part: "bookstack, bookstack-db, authelia, crowdsec, backup",
    what: "restore killed (-9) halfway, then restored again",
    strike: async () => {
      const { status, output: message } = await wiki.commandInBackground("backup");
      if (status !== 0) throw new Error(message);
      const child = wiki.start("restore", "latest", "--yes");
      for (let second = 0; second < 120 && !(await stopped()); second++) await pause(1000);
      await pause(5000);
      await kill(child);
    },
    repair: async () => {
      const { status, output: message } = await wiki.commandInBackground("restore", "latest", "--yes");
      if (status !== 0) throw new Error(message);
    },
    byHand: true,
    forgets: true,
    note: "Saves after the backup that is restored are gone, as they should be; they are not counted.",
  };
}

/** MySQL is killed while several people save: each save that was acknowledged is there, and nothing becomes invisible. */
export function writesFault(operated: Operated): Fault {
  const { wiki, containers } = operated;
  const secret = randomBytes(12).toString("hex");
  const acknowledged: string[] = [];
  const bookstack = wiki.container("bookstack");
  const sql = (statement: string) => output("docker", "exec", wiki.container("bookstack-db"), "sh", "-c", SQL, "sh", statement);
  const writers = async (until: number, number: number) => {
    for (let count = 0; Date.now() < until; count++) {
      const name = `w-${number}-${count}`;
      // permissions are what BookStack deletes and inserts in separate transactions
      const [verb, path, body] =
        count % 2 === 0 ? ["POST", "pages", { book_id: 1, name, html: "<p>x</p>" }] : ["PUT", "content-permissions/book/1", { owner_id: 1 }];
      const args = ["--request", `${verb}`, "--header", `Authorization: Token faults:${secret}`, "--header", "Content-Type: application/json"];
      const url = `http://127.0.0.1:3000/api/${path}`;
      const curl = ["curl", "-sS", "-m", "20", "-w", "\n%{http_code}", ...args, "--data", JSON.stringify(body), url];
      const { stdout } = await run("docker", ["exec", bookstack, ...curl], { seconds: 30 });
      if (verb === "POST" && stdout.endsWith("\n200")) acknowledged.push(name);
    }
  };
  return {
    part: "bookstack-db",
    what: "killed (-9) three times during writes",
    strike: async () => {
      const { stdout } = await run("docker", [
        "exec",
        bookstack,
        "sh",
        "/etc/bookstack/entrypoint.sh",
        "php",
        "-r",
        `echo password_hash("${secret}", PASSWORD_BCRYPT);`,
      ]);
      await sql(
        `INSERT INTO bookstack.api_tokens (name, token_id, secret, user_id, expires_at, created_at, updated_at) SELECT 'faults', 'faults', '${stdout.trim()}', id, '2099-01-01', NOW(), NOW() FROM bookstack.users WHERE email = 'first@wiki.localhost'`,
      );
      const until = Date.now() + 45_000;
      const all = Promise.all([1, 2, 3, 4].map((number) => writers(until, number)));
      for (let kill = 0; kill < 3; kill++) {
        await pause(12_000);
        await containers.kill("bookstack-db").catch(() => undefined);
      }
      await all;
    },
    afterwards: async () => {
      const there = new Set((await sql("SELECT name FROM bookstack.entities WHERE name LIKE 'w-%'")).split("\n"));
      const lost = acknowledged.filter((name) => !there.has(name));
      const invisible = "SELECT COUNT(*) FROM bookstack.entities e WHERE deleted_at IS NULL AND (SELECT COUNT(*) FROM bookstack.joint_permissions j WHERE j.entity_id = e.id AND j.entity_type = e.type) < (SELECT COUNT(*) FROM bookstack.roles)"; // biome-ignore format: one statement
      let left = await sql(invisible);
      for (let second = 0; second < 60 && left !== "0"; second += 2) {
        await pause(2000);
        left = await sql(invisible);
      }
      if (lost.length > 0) return `${lost.length} of ${acknowledged.length} pages that the API acknowledged are lost`;
      return left === "0" ? undefined : `${left} entities stay invisible`;
    },
    note: "Four writers beside the people save pages and permissions through the API; afterwards every page is there and can be seen.",
  };
}

/** Runs a statement as root of the database, whose password is in a file. */
const SQL = `umask 077; { printf "[client]\\nuser=root\\npassword='"; sed "s/[\\\\\\\\']/\\\\\\\\&/g" /run/secrets/mysql_root_password | tr -d '\\n'; printf "'\\n"; } > /tmp/faults.cnf; exec mysql --defaults-file=/tmp/faults.cnf --socket=/run/mysqld/mysqld.sock -NB -e "$1"`;

/** Texts of all saves that the database has. */
export async function savedTexts(wiki: Deployment): Promise<ReadonlySet<string>> {
  const statement = "SELECT summary FROM bookstack.page_revisions WHERE summary LIKE 'save-%'";
  return new Set((await output("docker", "exec", wiki.container("bookstack-db"), "sh", "-c", SQL, "sh", statement)).split("\n"));
}
