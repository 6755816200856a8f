import { excerpt } from "../../../constructs/core/secret-kinds";
import { publicPort } from "../../../constructs/edge/traefik/published";
import { HOST_LABELS } from "../../environment/relations/own-names";
import { type ContainerName, containerName } from "../../stack/names";
import { OperatorError } from "../../system/operator-error";
import { certificatesIn } from "../../system/pem";
import { waitFor } from "../../system/wait";
import { type Method, type RotationContext, requireDelivered, restart } from "./context";

/** Seconds within which a server shows its new certificate: it looks for one every ten seconds, and twice. */
const RELOAD_SECONDS = 60;
/** Characters of an answer that are shown. */
const SHOWN = 300;

/** The server that has a certificate of an authority, and services that read the authority at their start only. */
interface Use {
  readonly server: ContainerName;
  /** Arguments of `openssl s_client` that connect to it. */
  readonly connect: (context: RotationContext) => readonly string[];
  readonly readers: readonly string[];
}

const USES: Readonly<Record<string, Use>> = {
  database_ca: {
    server: "bookstack-db",
    connect: () => ["-connect", "bookstack-db:3306", "-starttls", "mysql", "-verify_hostname", "bookstack-db"],
    readers: ["mysqld-exporter"],
  },
  edge_ca: {
    server: "traefik",
    connect: ({ environment: { domain, ports } }) => {
      const host = `${HOST_LABELS.portal}.${domain}`;
      return ["-connect", `traefik:${publicPort(ports)}`, "-servername", host, "-verify_hostname", host];
    },
    readers: ["grafana"],
  },
};

/** Reads the certificate of the only authority that is trusted, connects, and says how the verification ended. */
const TRY = 'umask 077; file=$(mktemp); cat >"$file"; openssl s_client -brief -no-CApath -CAfile "$file" "$@" </dev/null 2>&1; rm -f "$file"';

/**
 * Certificate authorities of the environment. Everything that trusts one gets the new one beside it, then the new one signs, and the old one
 * is dropped. Servers read certificates without a restart, and connections stay.
 */
export class Authorities implements Method {
  constructor(private readonly context: RotationContext) {}

  public check(names: readonly string[]): void {
    const { docker, environment } = this.context;
    for (const server of ["bookstack" as const, ...names.map((name) => useOf(name).server)]) {
      const container = containerName(environment.name, server);
      if (docker.inspect(container)?.State.Running !== true) throw new OperatorError(`${container} does not run`, `npm run deploy -- ${environment.name}`);
    }
  }

  public async prepare(names: readonly string[]): Promise<void> {
    const { store, say } = this.context;
    store.trust(names);
    await this.read(names);
    say("the services trust the old and the new authority");
  }

  public async activate(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const authority = this.current(name);
      const problem = this.problem(name, `${useOf(name).server} shows no certificate of the new ${name} after ${RELOAD_SECONDS} s`);
      await waitFor(() => this.accepts(name, authority), RELOAD_SECONDS, problem);
    }
  }

  public async verify(names: readonly string[]): Promise<void> {
    for (const name of names)
      if (!this.accepts(name, this.current(name))) throw this.problem(name, `${useOf(name).server} has no certificate of the new ${name}`);
  }

  public async retire(names: readonly string[]): Promise<void> {
    const { store } = this.context;
    for (const name of names) {
      if (this.accepts(name, store.read(`${name}.previous`))) throw this.problem(name, `${useOf(name).server} still has a certificate of the old ${name}`);
    }
    store.drop(names);
    await this.read(names);
  }

  /** Lets every service read the authorities that it has to trust. */
  private async read(names: readonly string[]): Promise<void> {
    await restart(
      this.context,
      names.flatMap((name) => useOf(name).readers),
    );
    for (const name of names) requireDelivered(this.context, name);
  }

  /** The certificate of the authority that signs: the first one of its file. */
  private current(name: string): string {
    return certificatesIn(this.context.store.read(`${name}.crt`))[0] ?? "";
  }

  /** Whether a client that trusts this certificate alone accepts the server. */
  private accepts(name: string, certificate: string): boolean {
    const { docker, environment } = this.context;
    const args = useOf(name).connect(this.context);
    const answer = docker.output(["exec", "--interactive", containerName(environment.name, "bookstack"), "sh", "-c", TRY, "sh", ...args], `${certificate}\n`);
    if (/^Verification: OK$/m.test(answer)) return true;
    if (/^Verification error:/m.test(answer)) return false;
    throw this.problem(name, `${useOf(name).server} gave no answer about its certificate: ${excerpt(answer, SHOWN)}`);
  }

  private problem(name: string, text: string): OperatorError {
    return new OperatorError(text, `npm run rotate -- ${this.context.environment.name} ${name}   # continues; docker logs --tail 50 ${this.serverOf(name)}`);
  }

  private serverOf(name: string): string {
    return containerName(this.context.environment.name, useOf(name).server);
  }
}

function useOf(name: string): Use {
  const use = USES[name];
  if (use === undefined) throw new Error(`nothing is known about the use of ${name}`);
  return use;
}
