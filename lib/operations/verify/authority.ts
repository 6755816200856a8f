import type { Environment } from "../../environment/schema";
import { endsTlsInFront } from "../../stack/addresses";
import { authorityText } from "../secrets/operator-files";

/** The authority that signs the certificates which browsers see, as {@link PublicProbe} takes it; read once, when it is first asked for. */
export function authorityOf(environment: Environment): () => string {
  if (endsTlsInFront(environment)) return () => "public";
  let known: string | undefined;
  return () => {
    known ??= authorityText(environment) ?? (environment.tls.issuer === "letsencrypt" && environment.tls.staging ? "none" : "public");
    return known;
  };
}
