import { imageDirectory } from "../core/asset";
import type { ContainerImageProps } from "../docker/image";

// image traefik
const TRAEFIK = "v3.7.11";
// image crowdsecurity/crowdsec
const CROWDSEC = "v1.7.8";
const REPOSITORY = "secure-bookstack";

/** Images of the edge, as `ContainerImage` takes them. Traefik and CrowdSec are built on the Docker host: with their plugins inside, they start without the internet. */
export const EDGE_IMAGES = {
  authelia: { reference: "authelia/authelia:4.39.20" },
  traefik: {
    reference: `${REPOSITORY}/traefik:${TRAEFIK}`,
    build: {
      directory: imageDirectory("traefik"),
      args: {
        FROM: `traefik:${TRAEFIK}`,
        PLUGIN_VERSION: "v1.7.1",
        // of the files of the plugin's tag, commit bef5dfaadbb07381af02ec4e7391e49214ebf953
        PLUGIN_SHA256: "f420837c0eb9f1a447c6950dfb2d9b35224c8a4804acab6a7cc9f024ce3fc926",
      },
    },
  },
  crowdsec: {
    reference: `${REPOSITORY}/crowdsec:${CROWDSEC}`,
    build: { directory: imageDirectory("crowdsec"), args: { FROM: `crowdsecurity/crowdsec:${CROWDSEC}` } },
  },
} satisfies Readonly<Record<string, ContainerImageProps>>;
