import { assetText } from "../../../constructs/core/asset";
import { SERVICES_DIRECTORY, STORE_DIRECTORY } from "../../../constructs/secrets/volume-store";
import type { Docker } from "../../clients/docker/docker";
import { HARDENED } from "../../clients/docker/hardened";
import type { Environment } from "../../environment/schema";
import { containerName } from "../../stack/names";
import { linesOf } from "../../system/lines";
import { OperatorError } from "../../system/operator-error";
import { HostSecrets } from "../secrets/host-secrets";

/** What the store has of a secret beside its value: a new value that is not in use yet, one that is trusted already, or the old one that still may be in use. */
export type Phase = "staged" | "overlapping" | "switched";

/** The steps of a rotation in the store of an environment; each can be repeated. */
export interface RotationStore {
  /** Secrets whose rotation has begun and not ended. */
  pending(): ReadonlyMap<string, Phase>;
  /** Creates the new value beside the old one; one that exists stays. */
  stage(names: readonly string[]): void;
  /** Keeps the old value beside the new one until `end`. */
  hold(names: readonly string[]): void;
  /** Keeps the old value beyond `end` for the readers of the secret, under a name with its fingerprint. */
  keep(names: readonly string[]): void;
  /** Deletes what `keep` kept, also at the readers. */
  forget(names: readonly string[]): void;
  /** Adds the certificate of the new authority to that of the old one, and distributes both. */
  trust(names: readonly string[]): void;
  /** Leaves the certificate of the authority that signs, and distributes it. */
  drop(names: readonly string[]): void;
  /** Puts the new value in the place of the old one, and distributes it. */
  switch(names: readonly string[]): void;
  /** Deletes the old value. */
  end(names: readonly string[]): void;
  /** Restarts services that run on a hardened host itself and read one of the secrets. */
  restartUnits(names: readonly string[]): void;
  /** Text of a file of the store: `<name>`, `<name>.next` or `<name>.previous`. */
  read(file: string): string;
}

/** The store of an environment: encrypted on a hardened host, a volume otherwise. */
export function rotationStore(environment: Environment, docker: Docker): RotationStore {
  return environment.host ? new StepwiseStore(hostSteps(environment), true) : new StepwiseStore(volumeSteps(environment.name, docker), false);
}

/** Runs one step of the script, and gives back what it prints. */
type Steps = (step: string, names?: readonly string[]) => string;

class StepwiseStore implements RotationStore {
  constructor(
    private readonly run: Steps,
    private readonly onHost: boolean,
  ) {}

  public pending(): ReadonlyMap<string, Phase> {
    return new Map(linesOf(this.run("pending")).map((line) => line.split(" ") as [string, Phase]));
  }

  public stage(names: readonly string[]): void {
    this.run("stage", names);
  }

  public hold(names: readonly string[]): void {
    this.run("hold", names);
  }

  public keep(names: readonly string[]): void {
    this.run("keep", names);
  }

  public forget(names: readonly string[]): void {
    this.run("forget", names);
    this.run("give");
  }

  public trust(names: readonly string[]): void {
    this.run("trust", names);
    this.run("give");
  }

  public drop(names: readonly string[]): void {
    this.run("drop", names);
    this.run("give");
  }

  public switch(names: readonly string[]): void {
    this.run("switch", names);
    this.run("give");
  }

  public end(names: readonly string[]): void {
    this.run("end", names);
  }

  public restartUnits(names: readonly string[]): void {
    if (this.onHost) this.run("units", names);
  }

  public read(file: string): string {
    return this.run("read", [file]);
  }
}

function hostSteps(environment: Environment): Steps {
  const secrets = new HostSecrets(environment);
  return (step, names) => secrets.rotation(step, names);
}

/** In a container like the job that creates secrets: with its image, its files and its volumes. */
function volumeSteps(namespace: string, docker: Docker): Steps {
  const job = containerName(namespace, "secrets");
  return (step, names = []) => {
    const { Image } = docker.inspect(job) ?? {};
    if (Image === undefined) throw new OperatorError(`${namespace} has no job ${job}`, `npm run deploy -- ${namespace}`);
    const hardening = [...HARDENED, "--network=none", "--cap-add=CHOWN"];
    const options = ["--rm", "--interactive", ...hardening, "--log-driver=none", "--user=0:0", "--tmpfs=/tmp:rw,size=1m", `--volumes-from=${job}`];
    const places = ["/etc/job/create-secrets.sh", "/etc/job/manifest", STORE_DIRECTORY, SERVICES_DIRECTORY];
    const script = assetText("secrets/assets/rotate-secrets.sh");
    return docker.output(["run", ...options, "--entrypoint=sh", Image, "-s", step, ...places, ...names], script);
  };
}
