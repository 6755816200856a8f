import type { Construct } from "constructs";
import type { IDatabase } from "../../constructs/database/database";
import type { Authelia } from "../../constructs/edge/authelia/authelia";
import { BookStack } from "../../constructs/wiki/bookstack";
import { usualPhpMemory } from "../../constructs/wiki/wiki-sizes";
import type { StackContext } from "./context";
import { limits } from "./limits";
import { makeOutbound } from "./outbound";
import { POSITIONS } from "./positions";

export interface BookStackNeeds {
  readonly mysql: IDatabase;
  readonly authelia: Authelia;
}

/** The wiki itself. */
export function makeBookStack(scope: Construct, context: StackContext, { mysql, authelia }: BookStackNeeds): BookStack {
  const { environment, namespace, volumes, secrets, images, networks, operator, urls, proxies } = context;
  const { wiki } = environment;
  const { uploadLimit, timeLimit, memory, phpMemory = usualPhpMemory(memory) } = wiki;
  const outbound = makeOutbound(scope, context);
  return new BookStack(scope, "BookStack", {
    namespace,
    volumes,
    secrets,
    image: images.bookstack,
    backend: networks.backend,
    outbound,
    // fixed where the egress serves this address alone
    position: outbound.hosts && POSITIONS.bookstack,
    database: networks.database,
    mysql,
    signOn: authelia,
    users: authelia.users,
    breakGlass: environment.signOn.breakGlass,
    operator,
    url: urls.bookstack,
    proxies: [`${networks.backend.subnet}`, ...proxies],
    administrator: wiki.admin,
    sizes: { uploadLimit, timeLimit, memory, phpMemory },
    timezone: environment.timezone,
    language: wiki.language,
    options: wiki.options,
    uploadsDirectory: wiki.uploads?.path,
    limits: limits(wiki),
  });
}
