import { setTimeout } from "node:timers/promises";
import type { Check, Finding } from "../check";
import { NO_ANSWER, requestsFrom, statusesFrom } from "../probes";
import { nameIn } from "../target";

/** Unused addresses, reserved for network tests. */
const SUBNET = "198.18.83.0/28";
const EDGE = "198.18.83.2";
const ATTACKER = "198.18.83.10";
const BYSTANDER = "198.18.83.11";
/** The edge asks for changes every ten seconds. */
const PATIENCE_SECONDS = 40;
/** What the edge answers, and what is seen where the host's firewall drops the address first. */
const BANNED = [403, NO_ANSWER];
/** What no reader of a wiki asks for. */
const ATTACK = Array.from({ length: 40 }, (_, number) => `/verify-${number}/.env`);

export const check: Check = {
  name: "ban",
  promise: "an address that attacks is banned within seconds, others are not, and a ban can be lifted",
  attack: true,
  async run(target): Promise<Finding[]> {
    const crowdsec = nameIn(target, "crowdsec");
    const lift = () => target.inside.exec(crowdsec, ["cscli", "decisions", "delete", "--ip", ATTACKER]);
    return target.inside.onNetwork(nameIn(target, "traefik"), SUBNET, EDGE, async (network) => {
      const isBanned = async (ip: string) => BANNED.includes((await statusesFrom(target, { network, ip }, EDGE, ["/"]))[0] ?? NO_ANSWER);
      const remedy = `docker logs ${crowdsec}; docker logs ${nameIn(target, "traefik")}`;
      try {
        await requestsFrom(target, { network, ip: ATTACKER }, EDGE, ATTACK);
        if (!(await within(PATIENCE_SECONDS, () => isBanned(ATTACKER))))
          return [{ problem: `an attack of ${ATTACK.length} requests was not answered with a ban`, remedy }];
        if (await isBanned(BYSTANDER)) return [{ problem: "an address that did nothing is banned, too", remedy }];
      } finally {
        await lift();
      }
      const isFree = async () => {
        if (!(await isBanned(ATTACKER))) return true;
        // requests that were read after the ban was lifted cause another one
        await lift();
        return false;
      };
      return (await within(PATIENCE_SECONDS, isFree)) ? [] : [{ problem: "a ban that was lifted goes on", remedy }];
    });
  },
};

async function within(seconds: number, done: () => Promise<boolean>): Promise<boolean> {
  for (let passed = 0; passed < seconds; passed += 2) {
    if (await done()) return true;
    await setTimeout(2000);
  }
  return done();
}
