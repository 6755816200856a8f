import type { IConstruct } from "constructs";

/** Values that are attached to constructs under a name; copies of this package in one process share them. */
export class Attached<T> {
  private readonly key: symbol;

  constructor(name: string) {
    this.key = Symbol.for(`secure-bookstack.${name}`);
  }

  public set(construct: IConstruct, value: T): void {
    Object.assign(construct, { [this.key]: value });
  }

  /** The value of `construct` itself. */
  public of(construct: IConstruct): T | undefined {
    return (construct as IConstruct & Record<symbol, T | undefined>)[this.key];
  }

  /** The values of `construct` and of the constructs around it, the outermost first. */
  public around(construct: IConstruct): T[] {
    return construct.node.scopes.flatMap((scope) => {
      const value = this.of(scope);
      return value === undefined ? [] : [value];
    });
  }
}
