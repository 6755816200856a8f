/** A resource of a plan, with every value that is known before it is applied. */
export interface PlannedResource {
  /** With the key of the instance: `docker_volume.Config["4f1c…"]`. */
  readonly address: string;
  readonly mode: string;
  readonly type: string;
  readonly name: string;
  /** Key of the instance, if there may be several. */
  readonly index?: string;
  readonly provider_name: string;
  readonly schema_version: number;
  readonly values: Readonly<Record<string, unknown>>;
}

/** What a plan would do with one resource. */
export interface PlannedChange {
  readonly address: string;
  readonly mode?: string;
  readonly type: string;
  readonly change: {
    /** `["no-op"]`, `["delete", "create"]`, … */
    readonly actions: readonly string[];
    readonly before: Readonly<Record<string, unknown>> | null;
    readonly after: Readonly<Record<string, unknown>> | null;
    /** Attributes that make it a replacement. */
    readonly replace_paths?: readonly (readonly (string | number)[])[];
  };
}

/** A plan as `terraform show -json` prints it, as far as it is read here. */
export interface Plan {
  readonly terraform_version: string;
  readonly planned_values?: { readonly root_module?: { readonly resources?: readonly PlannedResource[] } };
  readonly resource_changes?: readonly PlannedChange[];
}

/** The resources that a plan manages. */
export function managedResources({ planned_values: values }: Plan): readonly PlannedResource[] {
  return (values?.root_module?.resources ?? []).filter(({ mode }) => mode === "managed");
}

/** Terraform's address → what the plan would do with it, in the words of its events: create, update, replace, delete. */
export function actionsOf({ resource_changes: changes = [] }: Plan): ReadonlyMap<string, string> {
  return new Map(
    changes.flatMap(({ address, mode, change: { actions } }) => {
      const [action = "no-op"] = actions;
      if (mode === "data" || action === "no-op" || action === "read") return [];
      return [[address, actions.length > 1 ? "replace" : action] as const];
    }),
  );
}
