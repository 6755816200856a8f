import type { Assets, TokenApi } from "../edge/traefik/traefik-config";
import { FILE_QUEUE } from "./workers";

/** Paths without login; one that ends with `/` includes all below it. Apache answers them, never PHP. */
export const OPEN_PATHS: readonly string[] = [
  "/dist/",
  "/libs/",
  "/favicon.ico",
  "/icon.ico",
  ...["", "-32", "-64", "-128", "-180"].map((size) => `/icon${size}.png`),
  "/logo.png",
  "/book_default_cover.png",
  "/user_avatar.png",
  "/loading.gif",
  "/loading_error.png",
];

/**
 * What one page asks for many times.
 *
 * Guarded: images and files of a theme belong to the wiki, like its pages. Open: scripts, styles and icons are the same in every
 * BookStack of this version, and not confidential; without them even the login form has no style.
 */
export const ASSETS: Assets = {
  guarded: ["/uploads/images/", "/theme/", "/manifest.json", "/opensearch.xml"],
  open: OPEN_PATHS,
  openQueue: FILE_QUEUE,
};

/** Its API, which asks each request for a token. */
export const API: TokenApi = { path: "/api/", scheme: "Token" };

/** Every open path, as a regular expression of Apache's. */
export const OPEN_PATTERN = `^(${OPEN_PATHS.map((path) => path.replaceAll(".", "[.]") + (path.endsWith("/") ? ".*" : "")).join("|")})$`;
