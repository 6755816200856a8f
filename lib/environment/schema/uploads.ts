import { z } from "zod";
import { refuses } from "../problems/refused-keys";
import { dataDirectory } from "../readers/host-paths";

const BUCKET = /^(bucket|s3|endpoint|url|region|storage\w*)$/i;

/** The block `wiki.uploads` of an environment file. */
export const uploads = refuses(
  z
    .strictObject({
      path: dataDirectory("Directory on the Docker host with uploads and uploads-public, which belong to 1000:1000", "/mnt/wiki"),
    })
    .meta({ description: "Directory for pictures and attachments, such as a mounted file system; volumes of Docker unless given" }),
  (key) => (BUCKET.test(key) ? "browsers load pictures of a bucket from public URLs, without signing in; set path to a mounted file system" : undefined),
);
