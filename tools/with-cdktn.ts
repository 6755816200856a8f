/** Release of cdktn that the tests run with. */
const CDKTN = "0.24.0";
/** Newest release of constructs that cdktn takes (>=10.6.0 <10.8.0). */
const CONSTRUCTS = "10.7.2";

interface Package {
  readonly dependencies: Record<string, string>;
  readonly overrides: Record<string, unknown>;
}

/**
 * The text of a `package.json` with cdktn under the name of cdktf: imports and addresses in the state stay the same.
 *
 * The bindings of the providers want cdktf as a peer; without the overrides `npm ci` refuses the alias.
 */
export function withCdktn(text: string): string {
  const content: Package = JSON.parse(text);
  const bindings = Object.keys(content.dependencies).filter((name) => name.startsWith("@cdktf/provider-"));
  const dependencies = { ...content.dependencies, cdktf: `npm:cdktn@${CDKTN}`, constructs: CONSTRUCTS };
  const overrides = { ...content.overrides, ...Object.fromEntries(bindings.map((name) => [name, { cdktf: "$cdktf", constructs: "$constructs" }])) };
  return `${JSON.stringify({ ...content, dependencies, overrides }, null, 2)}\n`;
}
