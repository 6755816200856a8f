import { Browser } from "./browser";
import { type Deployment, docker } from "./deployment";

/** BookStack's stock account. */
const STOCK = { email: "admin@admin.com", password: "password" };
const HOST = "bookstack.wiki.localhost";
/** How an attempt ended. */
export type Attempt = "nothing listens" | "refused" | "signed in";

export interface Attempts {
  readonly door: Attempt[];
  readonly inside: Attempt[];
}

/** Tries the stock account repeatedly while `work` runs: through Traefik, and directly at the wiki, past Traefik and portal. */
export async function tryStockAccount(trial: Deployment, work: Promise<unknown>): Promise<Attempts> {
  let over = false;
  const stop = () => {
    over = true;
  };
  void work.then(stop, stop);
  const attempts: Attempts = { door: [], inside: [] };
  while (!over) {
    attempts.door.push(await atTheDoor(trial));
    attempts.inside.push(await inside(trial));
    // a rate limit is a minute's
    await new Promise((resolve) => setTimeout(resolve, 1500));
  }
  return attempts;
}

async function atTheDoor(trial: Deployment): Promise<Attempt> {
  // the authority is there only once the deploy has made it; before, nothing can listen either
  const authority = trial.command("ca");
  if (authority.status !== 0) return "nothing listens";
  const browser = new Browser(HOST, trial.https, authority.stdout);
  return outcome(browser.signIn(STOCK.email, STOCK.password));
}

async function inside(trial: Deployment): Promise<Attempt> {
  const running = docker("ps", "--format", "{{.Names}}").split("\n").includes(trial.container("bookstack"));
  return running ? outcome(pastTheEdge(trial).signIn(STOCK.email, STOCK.password)) : "nothing listens";
}

/** A browser at the wiki's own address on its network, which the Docker host reaches. */
export function pastTheEdge(trial: Deployment): Browser {
  const format = `{{(index .NetworkSettings.Networks "${trial.name}-backend").IPAddress}}`;
  return new Browser(HOST, 3000, undefined, docker("inspect", "--format", format, trial.container("bookstack")));
}

function outcome(took: Promise<boolean>): Promise<Attempt> {
  return took.then(
    (signedIn) => (signedIn ? "signed in" : "refused"),
    () => "nothing listens",
  );
}
