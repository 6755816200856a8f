import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Terraform } from "../../clients/terraform/terraform";
import { TERRAFORMS_LOCK } from "../../stack/bundle";
import { STACK_FILE } from "../workspace";
import type { StateFile } from "./state-file";

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
      if (![STACK_FILE, TERRAFORMS_LOCK, DATA].includes(entry)) symlinkSync(join(stack, entry), join(directory, entry));
    }
    if (existsSync(join(stack, TERRAFORMS_LOCK))) cpSync(join(stack, TERRAFORMS_LOCK), join(directory, TERRAFORMS_LOCK));
    const providers = join(stack, DATA, "providers");
    if (existsSync(providers)) {
      mkdirSync(join(directory, DATA));
      // providers that are there are not downloaded again
      symlinkSync(providers, join(directory, DATA, "providers"));
    }
    writeFileSync(join(directory, STACK_FILE), JSON.stringify(withLocalState(JSON.parse(readFileSync(join(stack, STACK_FILE), "utf8")))));
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
