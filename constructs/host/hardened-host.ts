import { createHash } from "node:crypto";
import { Resource } from "@cdktf/provider-null/lib/resource";
import { Lazy, type TerraformResource, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { resourceAddress } from "../core/dependencies";
import { requireAll } from "../core/errors";
import { operatorTexts } from "../core/operator-texts";
import { terraformLiteral } from "../core/terraform-literal";
import { type HostConnection, locally, remotely } from "./connection";
import { type HostPart, isConfirmed, renderPart } from "./host-part";
import { nullProvider } from "./null-provider";

export interface HardenedHostProps {
  /** Environment that the host belongs to; a host takes orders from one alone. */
  readonly environment: string;
  /** @default - Terraform runs on the host itself */
  readonly connection?: HostConnection;
}

/**
 * A Debian or Ubuntu host in parts: each is one script that applies the part, and checks it for drift.
 *
 * Parts are applied one after the other, in the order in which they were added; another system is refused before a byte is changed. The
 * key of the host is pinned.
 */
export class HardenedHost extends Construct {
  private readonly parts = new Map<string, HostPart>();
  private readonly resources: Resource[] = [];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: HardenedHostProps,
  ) {
    super(scope, id);
    const { connection } = props;
    requireAll(this, [[connection === undefined || connection.hostKeys.length > 0, "connection must name a host key; ssh-keyscan prints them"]]);
    nullProvider(TerraformStack.of(this));
    this.node.addValidation({ validate: () => (this.parts.size > 0 ? [] : ["has no part; call add() at least once"]) });
  }

  /** Applies `part` after all that were added before. Gives what has to be waited for. */
  public add(part: HostPart): TerraformResource {
    const { environment, connection } = this.props;
    requireAll(this, [
      [/^[a-z][a-z0-9-]*$/.test(part.name), `a part must be called by lower-case letters, digits and "-", got "${part.name}"`],
      [!this.parts.has(part.name), `the part "${part.name}" is there already; give the second one another name`],
    ]);
    this.parts.set(part.name, part);
    const script = Lazy.stringValue({ produce: () => terraformLiteral(this.script(part.name)) });
    const confirmed = isConfirmed(part);
    const resource = new Resource(this, part.name, {
      triggers: {
        script: Lazy.stringValue({ produce: () => createHash("sha256").update(this.script(part.name)).digest("hex") }),
        host: connection ? `${connection.address}:${connection.port}` : "this machine",
        environment,
      },
      provisioners: connection ? remotely(connection, part.name, script, confirmed) : locally(script, confirmed),
      dependsOn: this.resources.slice(-1),
    });
    this.resources.push(resource);
    return resource;
  }

  /** How it is reached; nothing where Terraform runs on the host itself. */
  public get connection(): HostConnection | undefined {
    return this.props.connection;
  }

  /** The part that is applied last. */
  public last(): TerraformResource {
    const resource = this.resources.at(-1);
    if (!resource) throw new RangeError("no part was added yet");
    return resource;
  }

  /** What a part looks like on the host: the script that applies and checks it. */
  public script(name: string): string {
    const part = this.parts.get(name);
    if (!part) throw new RangeError(`there is no part "${name}"`);
    return renderPart(part, this.props.environment, operatorTexts(this));
  }

  /** Names of the parts, in the order in which they are applied. */
  public names(): string[] {
    return [...this.parts.keys()];
  }

  /** Terraform's address of a part. */
  public address(name: string): string {
    const resource = this.resources[this.names().indexOf(name)];
    if (!resource) throw new RangeError(`there is no part "${name}"`);
    return resourceAddress(resource);
  }
}
