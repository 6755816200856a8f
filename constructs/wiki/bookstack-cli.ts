import type { Sections } from "../core/render";
import type { Limits } from "../docker/hardening";
import { CONFIG_DIRECTORY } from "./bookstack-config";

/** Directory of PHP settings for commands, read by `entrypoint.sh` after those of the web. */
export const CLI_INI_DIRECTORY = `${CONFIG_DIRECTORY}/php-cli`;

/** PHP's own default: a day. */
const READ_SECONDS = 86_400;
/** Share of the container's memory, so that PHP says what it lacks before the kernel kills it. */
const MEMORY_SHARE = 0.75;
const LEAST_MEMORY_MIB = 256;

/**
 * PHP settings for setup and for commands of an operator.
 *
 * One statement of a migration can take hours. The limits of the web would end the connection meanwhile, and MySQL would carry the
 * statement out all the same.
 */
export function renderCliIni({ memoryMiB }: Limits): Sections {
  return {
    PHP: {
      "mysqlnd.net_read_timeout": READ_SECONDS,
      default_socket_timeout: 60,
      max_execution_time: 0,
      memory_limit: `${Math.max(LEAST_MEMORY_MIB, Math.floor(memoryMiB * MEMORY_SHARE))}M`,
    },
  };
}
