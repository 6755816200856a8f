import { join } from "node:path";
import { EDGE_IMAGES } from "../../constructs/edge/images";

/** Runs a command of the repository where the images of the edge are built from their bases alone, without the internet. */
for (const image of [EDGE_IMAGES.traefik, EDGE_IMAGES.crowdsec]) image.build.directory = join(__dirname, "image-of-a-base");

if (require.main === module) require("../../lib/cli/main").start();
