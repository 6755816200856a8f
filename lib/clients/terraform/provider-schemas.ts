/** As much of a provider's schema of a block as decides how HCL writes it. */
export interface BlockSchema {
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly block_types?: Readonly<Record<string, { readonly block: BlockSchema }>>;
}

/** What `terraform providers schema -json` says, as far as it is read. */
export interface ProviderSchemas {
  readonly provider_schemas: Readonly<
    Record<
      string,
      {
        readonly provider?: { readonly block: BlockSchema };
        readonly resource_schemas?: Readonly<Record<string, { readonly block: BlockSchema }>>;
        readonly data_source_schemas?: Readonly<Record<string, { readonly block: BlockSchema }>>;
      }
    >
  >;
}
