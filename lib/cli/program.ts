/** Name of the program, as `bin` of package.json has it. */
export const PROGRAM = "secure-bookstack";
