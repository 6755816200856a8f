import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Terraform } from "../../clients/terraform/terraform";
import type { StateFile } from "./state-file";

const STACK = "cdk.tf.json";
const LOCK = ".terraform.lock.hcl";
const DATA = ".terraform";
const STATE = "terraform.tfstate";

/** A copy of the stack in a temporary directory, with a state of its own: nothing is in the real state until all of it is complete. */
export class Scratch {
  public readonly terraform: Terraform;

  /** `stack` is the directory of the stack, after `init`. */
  constructor(
    private readonly directory: string,
    stack: string,
    terraform: Terraform,
  ) {
    this.terraform = terraform.in(directory);
    for (const entry of readdirSync(stack)) {
      if (![STACK, LOCK, DATA].includes(entry)) symlinkSync(join(stack, entry), join(directory, entry));
    }
    if (existsSync(join(stack, LOCK))) cpSync(join(stack, LOCK), join(directory, LOCK));
    const providers = join(stack, DATA, "providers");
    if (existsSync(providers)) {
      mkdirSync(join(directory, DATA));
      // providers that are there are not downloaded again
      symlinkSync(providers, join(directory, DATA, "providers"));
    }
    writeFileSync(join(directory, STACK), JSON.stringify(withLocalState(JSON.parse(readFileSync(join(stack, STACK), "utf8")))));
    this.terraform.init();
  }

  public write(state: StateFile): void {
    writeFileSync(join(this.directory, STATE), JSON.stringify(state), { mode: 0o600 });
  }

  public read(): StateFile {
    return JSON.parse(readFileSync(join(this.directory, STATE), "utf8"));
  }
}

interface Stack {
  readonly terraform: Readonly<Record<string, unknown>>;
}

function withLocalState(stack: Stack): Stack {
  const { backend: _, cloud: __, ...terraform } = stack.terraform;
  return { ...stack, terraform };
}
