import { type Outcome, Sandbox } from "./sandbox";

/** A rule as a file of rules has it: an alert or a recording. */
interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
}

/** A file of rules. */
export interface Rules {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

/** One test of rules, of the fields that promtool knows. */
export interface RuleTest {
  readonly interval: string;
  readonly input_series: readonly { readonly series: string; readonly values: string }[];
  readonly promql_expr_test?: readonly { readonly expr: string; readonly eval_time: string; readonly exp_samples: readonly object[] }[];
  readonly alert_rule_test?: readonly object[];
  readonly name?: string;
  readonly external_labels?: object;
}

/** One file of `promtool test rules`. */
export interface RuleTests {
  readonly rules: Rules;
  readonly tests: readonly RuleTest[];
  /** Time between two evaluations. @default 1m */
  readonly interval?: string;
}

/** A run with days of samples takes a minute on a busy machine. */
const SECONDS = 240;

/** promtool in a directory of its own. */
export class Promtool {
  public readonly sandbox = new Sandbox();

  /** Runs promtool; memory is cheaper here than collecting it is. */
  public run(...args: readonly string[]): Outcome {
    return this.sandbox.sh(["-c", 'exec promtool "$@"', "sh", ...args], { GOGC: "400" }, SECONDS);
  }

  /** Runs any number of files of tests in one process. */
  public test(files: readonly RuleTests[]): Outcome {
    const names = files.map(({ rules, tests, interval = "1m" }, index) => {
      this.file(`${index}-rules.yml`, rules);
      return this.file(`${index}-tests.yml`, {
        rule_files: [`${index}-rules.yml`],
        evaluation_interval: interval,
        tests: tests.map((test) => withSeriesRead(test, rules)),
      });
    });
    return this.run("test", "rules", ...names);
  }

  /** What promtool prints about files of tests that fail; nothing when all pass. */
  public failures(files: readonly RuleTests[]): string {
    const { status, stdout, stderr } = this.test(files);
    return status === 0 ? "" : `${stdout}${stderr}` || `status ${status}`;
  }

  public remove(): void {
    this.sandbox.remove();
  }

  /** JSON is YAML, too, and is written in a tenth of the time. */
  private file(name: string, content: object): string {
    this.sandbox.file(name, JSON.stringify(content));
    return name;
  }
}

/** A test without the series that nothing in it reads: storing them takes longer than the questions do. */
function withSeriesRead(test: RuleTest, { groups }: Rules): RuleTest {
  const expressions = [...groups.flatMap(({ rules }) => rules), ...(test.promql_expr_test ?? [])].map(({ expr }) => wordsOf(expr));
  return { ...test, input_series: test.input_series.filter(({ series }) => expressions.some((words) => words.has(series.replace(/\{.*/, "")))) };
}

/** Several files of rules as one, in which no two groups have the same name. */
export function mergeRules(...files: readonly object[]): Rules {
  return { groups: (files as Rules[]).flatMap(({ groups }, index) => groups.map((group) => ({ ...group, name: `${index}-${group.name}` }))) };
}

/** The rules that depend on these metrics or have these names, and the rules that they read: every other one gives what it gives anyway. */
export function rulesAbout(all: Rules, names: readonly string[]): Rules {
  const affected = closure(all, (rule, found) => {
    const words = wordsOf(rule.expr);
    return names.some((name) => name === nameOf(rule) || words.has(name)) || found.some((other) => asksFor(rule.expr, other));
  });
  const needed = closure(all, (rule, found) => affected.has(rule) || found.some(({ expr }) => asksFor(expr, rule)));
  return only(all, needed);
}

/** The rules that these expressions read, and the rules that those read. */
export function rulesFor(all: Rules, expressions: readonly string[]): Rules {
  return only(
    all,
    closure(all, (rule, found) => [...expressions, ...found.map(({ expr }) => expr)].some((expression) => asksFor(expression, rule))),
  );
}

/** Whether an expression reads what a rule gives: a recording or an alert by its name, or alerts of any name. */
function asksFor(expression: string, rule: Rule): boolean {
  return wordsOf(expression).has(nameOf(rule)) || (rule.alert !== undefined && /\bALERTS\b(?!\{[^}]*alertname="\w+")/.test(expression));
}

const words = new Map<string, ReadonlySet<string>>();

/** Names of metrics are among them. */
function wordsOf(expression: string): ReadonlySet<string> {
  if (expression.includes("__name__")) throw new Error(`${expression} chooses metrics by a label: what it depends on is not known`);
  const known = words.get(expression) ?? new Set(expression.match(/[a-zA-Z_:][\w:]*/g));
  words.set(expression, known);
  return known;
}

function nameOf({ alert, record }: Rule): string {
  return alert ?? record ?? "";
}

/** The rules that belong, where one may belong because of those found before it. */
function closure({ groups }: Rules, belongs: (rule: Rule, found: readonly Rule[]) => boolean): ReadonlySet<Rule> {
  const found = new Set<Rule>();
  const rules = groups.flatMap((group) => group.rules);
  for (let size = -1; size < found.size; ) {
    size = found.size;
    for (const rule of rules.filter((candidate) => !found.has(candidate))) if (belongs(rule, [...found])) found.add(rule);
  }
  return found;
}

function only(all: Rules, wanted: ReadonlySet<Rule>): Rules {
  const groups = all.groups.map((group) => ({ ...group, rules: group.rules.filter((rule) => wanted.has(rule)) }));
  return { groups: groups.filter(({ rules }) => rules.length > 0) };
}
