/** Options of `docker run` for a container that a command starts for itself: it can do no more than its options add. */
export const HARDENED = ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"] as const;
