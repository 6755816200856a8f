import { endsTlsInFront } from "../../../stack/addresses";
import type { Check, Finding } from "../check";

const IN_FRONT = "set what is in front of Traefik to TLS 1.3 alone";

export const check: Check = {
  name: "tls-versions",
  promise: "every name accepts TLS 1.3 only",
  async run({ environment, urls, outside }) {
    const inFront = endsTlsInFront(environment);
    const findings = await Promise.all(
      Object.values(urls).map(async (url): Promise<Finding[]> => {
        const [old, current] = [await outside.shakeHands(url, "TLSv1.2"), await outside.shakeHands(url, "TLSv1.3")];
        return [
          ...(old === undefined
            ? []
            : [
                {
                  problem: `${url} also accepts ${old.protocol}`,
                  remedy: inFront ? IN_FRONT : "check the proxy in front of Traefik; Traefik itself refuses it",
                },
              ]),
          ...(current === undefined
            ? [{ problem: `${url} does not accept TLS 1.3`, remedy: inFront ? IN_FRONT : "make sure that Traefik runs and the port is forwarded to it" }]
            : []),
        ];
      }),
    );
    return findings.flat();
  },
};
