import type { Cause } from "../cause";
import { isDeployed } from "../facts";

export const cause: Cause = {
  name: "state",
  looksAt: "Terraform's state is the one of this wiki",
  likelihood: 80,
  find(facts) {
    const { state, ids, environment } = facts;
    if ("unknown" in state) return state.unknown;
    if ("unknown" in ids) return ids.unknown;
    const file = `terraform.${environment.name}.tfstate`;
    const restore = `put back your copy of ${file}; without one`;
    const adopt = `npm run adopt -- ${environment.name}   # writes it again from what runs`;
    if (!isDeployed(facts)) return [];
    if (state.value === undefined) return [{ problem: `the wiki is deployed, but there is no ${file} here`, remedy: `${restore}: ${adopt}` }];
    const known = ids.value.filter((id) => state.value?.includes(id)).length;
    if (known > 0) return [];
    const problem = `${file} knows none of the ${ids.value.length} containers of ${environment.name}: it is lost or of another wiki`;
    return [{ problem, remedy: `${restore}: mv ${file} ${file}.other && ${adopt}` }];
  },
};
