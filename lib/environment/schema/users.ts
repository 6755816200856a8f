import { z } from "zod";
import { displayName, email, userName } from "../readers/people";

const EXAMPLE_USERS = "[{ name: alice, displayName: Alice Example, email: alice@example.com, groups: [admin] }]";

const user = z.strictObject({
  name: userName("Name that is typed in", "alice"),
  previousNames: z
    .array(userName("Name that this user had before", "alice.miller"))
    .max(20)
    .default([])
    .meta({ description: "Names that this user had before: the password and the account in the wiki move to the new name; none unless given" }),
  displayName: displayName("Name that is shown", "Alice Example"),
  email: email("E-mail address, of this person alone"),
  groups: z
    .array(userName("Group: admin, editor and viewer are those of BookStack", "admin"))
    .max(50)
    .default([])
    .meta({ description: "Groups, which become the roles of that name in BookStack; admin may see and change everything; none unless given" }),
});

/** As much of a user as the relations between users need, each part of which may be missing. */
type Written = Partial<Readonly<z.output<typeof user>>>;

/** The block `users` of an environment file. */
export const users = z
  .array(user)
  .max(500)
  .superRefine((people, context) => {
    const problem = (path: readonly (string | number)[], message: string) => context.addIssue({ code: "custom", path: [...path], message });
    if (people.length === 0) problem([], `the list is empty, so no user could sign in; add one, such as ${EXAMPLE_USERS}`);
    for (const key of ["name", "email"] as const) {
      for (const [index, first] of repeated(people.map((person) => person?.[key]))) {
        problem([index, key], `"${people[index]?.[key]}" is that of users[${first}] too; give each person another`);
      }
    }
    const present = new Set(people.map((person) => person?.name));
    for (const { index, position, name, first } of previousNames(people)) {
      const path = [index, "previousNames", position];
      if (present.has(name)) problem(path, `"${name}" is the name of a user; a name that is in use again cannot be a previous one, remove it here`);
      else if (first !== undefined) problem(path, `"${name}" is a previous name of users[${first}] too; one account cannot move to two users, remove one`);
    }
  })
  .meta({
    description: "All users, each with a generated initial password; a removed user cannot sign in any more (one or more)",
    examples: [EXAMPLE_USERS],
    minItems: 1,
  });

/** Positions of texts that were there before, whatever their case, with the position of the first. */
function repeated(texts: readonly (string | undefined)[]): Array<readonly [position: number, first: number]> {
  const plain = texts.map((text) => text?.toLowerCase());
  return plain.map((text, position) => [position, plain.indexOf(text)] as const).filter(([position, first]) => first !== position);
}

/** Every previous name with its place, and the user that named it before. */
function previousNames(people: readonly (Written | undefined)[]) {
  const seen = new Map<string, number>();
  return people.flatMap((person, index) =>
    (person?.previousNames ?? []).map((name, position) => {
      const first = seen.get(name);
      if (first === undefined) seen.set(name, index);
      return { index, position, name, first };
    }),
  );
}
