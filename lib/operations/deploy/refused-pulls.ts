import { byRegistry, deployLimitRemedy, deployLoginRemedy, isLoginMissing, isRateLimited } from "../../clients/registry/refusals";
import type { TerraformEvent } from "../../clients/terraform/terraform";
import { isImage } from "../../stack/images";
import { type StackImage, stackImages } from "./stack-images";

/** Why registries refuse a pull although they have the image, and what to do. */
const REASONS = [
  { is: isRateLimited, problem: "The rate limit of %s is reached", remedy: deployLimitRemedy },
  { is: isLoginMissing, problem: "%s wants a login", remedy: deployLoginRemedy },
] as const;

/** Registries that refused a pull of this run: a login is missing, or their rate limit is reached. */
export class RefusedPulls {
  /** Name of the image in Terraform → what its error says. */
  private readonly errors = new Map<string, string>();

  constructor(private readonly directory: string) {}

  /** One event of Terraform. */
  public listen({ diagnostic }: TerraformEvent): void {
    const [, image] = /^docker_image\.(\w+)$/.exec(diagnostic?.address ?? "") ?? [];
    if (image !== undefined && diagnostic?.severity === "error") this.errors.set(image, `${diagnostic.summary} ${diagnostic.detail ?? ""}`);
  }

  /** Lines for a person; none when no registry refused. */
  public describe(): string[] {
    const images = stackImages(this.directory);
    return REASONS.flatMap(({ is, problem, remedy }) => {
      const refused = [...this.errors].filter(([, text]) => is(text)).flatMap(([address, text]) => refusedOf(images.get(address), text));
      return [...byRegistry(refused)].flatMap(([registry, references]) => [
        `${problem.replace("%s", registry)}; not pulled: ${references.join(", ")}`,
        `  → ${remedy(registry)}`,
        "",
      ]);
    });
  }
}

/** Of an image that is built, those of its bases that the error names; all of them when it names none. */
function refusedOf(image: StackImage | undefined, text: string): string[] {
  if (image === undefined) return [];
  if (image.build === undefined) return [image.name];
  const bases = Object.values(image.build.build_args ?? {}).filter(isImage);
  const named = bases.filter((base) => text.includes(base));
  return named.length > 0 ? named : bases;
}
